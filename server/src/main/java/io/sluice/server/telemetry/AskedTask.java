package io.sluice.server.telemetry;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The task a request message names, found by the names our services give such a field: {@code
 * task}, {@code tasks}, {@code model_name}, or the one in {@code header}, {@code row} or {@code
 * rows}. Thread-safe.
 */
final class AskedTask {
  /** Stands for the tasks of a request that names more than one. */
  static final String SEVERAL = "several";

  private static final List<String> NAMES =
      List.of("task", "tasks", "model_name", "header", "row", "rows");

  private static final int MOST_CHARS = 128;
  private static final Pattern CONTROLS = Pattern.compile("\\p{Cntrl}");

  private final ConcurrentMap<Descriptor, Optional<FieldDescriptor>> fields =
      new ConcurrentHashMap<>();

  /** The name as the client wrote it, fit for a line of a log; null when the message has none. */
  @Nullable String of(Object request) {
    if (!(request instanceof Message message)) {
      return null;
    }
    FieldDescriptor field = field(message.getDescriptorForType());
    if (field == null) {
      return null;
    }
    if (field.isRepeated()) {
      int count = message.getRepeatedFieldCount(field);
      return count == 0 ? null : count == 1 ? text(message.getRepeatedField(field, 0)) : SEVERAL;
    }
    return text(message.getField(field));
  }

  private @Nullable String text(Object value) {
    return value instanceof String name ? onOneLine(name) : of(value);
  }

  private static String onOneLine(String name) {
    boolean fits = name.length() <= MOST_CHARS && name.chars().noneMatch(Character::isISOControl);
    return fits
        ? name
        : CONTROLS.matcher(name.substring(0, Math.min(name.length(), MOST_CHARS))).replaceAll("?");
  }

  private @Nullable FieldDescriptor field(Descriptor type) {
    Optional<FieldDescriptor> known = fields.get(type);
    return (known != null ? known : fields.computeIfAbsent(type, AskedTask::search)).orElse(null);
  }

  private static Optional<FieldDescriptor> search(Descriptor type) {
    return NAMES.stream()
        .map(type::findFieldByName)
        .filter(field -> field != null)
        .filter(
            field ->
                field.getJavaType() == FieldDescriptor.JavaType.STRING
                    || field.getJavaType() == FieldDescriptor.JavaType.MESSAGE)
        .findFirst();
  }
}
