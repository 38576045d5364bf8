package io.sluice.server.rpc;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.server.engine.LoadedTask;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The one or two texts of a request, and what tasks they suit. Immutable.
 *
 * @param method the method they are asked with
 * @param firstName what the request calls the first
 * @param secondName what it calls the second
 */
record Texts(
    Method method, String firstName, String first, String secondName, @Nullable String second) {
  Texts {
    requireNonNull(method, "method");
    requireNonNull(first, "first");
  }

  /** A way to ask. */
  enum Method {
    CLASSIFY("Classify"),
    ANSWER("Answer");

    private final String rpc;

    Method(String rpc) {
      this.rpc = rpc;
    }

    /** How tasks of a kind are asked. */
    static Method of(TaskKind kind) {
      return switch (kind) {
        case CLASSIFY, MULTI_LABEL, REGRESS -> CLASSIFY;
        case ANSWER_BOOLEAN, ANSWER_SPAN -> ANSWER;
      };
    }

    private String kinds() {
      return Arrays.stream(TaskKind.values())
          .filter(kind -> of(kind) == this)
          .map(TaskKind::name)
          .collect(Collectors.joining(", "));
    }
  }

  static Texts toClassify(String text, @Nullable String pair) {
    return new Texts(Method.CLASSIFY, "text", text, "text_pair", pair);
  }

  static Texts toAnswer(String question, String passage) {
    return new Texts(Method.ANSWER, "question", question, "passage", passage);
  }

  /**
   * @throws SluiceException INVALID_ARGUMENT when one is empty or too long
   */
  void requireWithin(RequestLimits limits) {
    requireWithin(firstName, first, limits);
    if (second != null) {
      requireWithin(secondName, second, limits);
    }
  }

  private static void requireWithin(String name, String text, RequestLimits limits) {
    if (text.isBlank()) {
      throw invalid(name + ": empty (expected: text)");
    }
    if (text.length() > limits.maxTextChars()) {
      throw invalid(
          name
              + ": "
              + text.length()
              + " characters (expected: at most "
              + limits.maxTextChars()
              + ")");
    }
  }

  /**
   * @throws SluiceException FAILED_PRECONDITION when the task is of another kind, INVALID_ARGUMENT
   *     when it takes another number of texts
   */
  void requireSuit(LoadedTask task) {
    Manifest manifest = task.manifest();
    if (method != Method.of(manifest.kind())) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          "task \""
              + task.name()
              + "\": kind "
              + manifest.kind()
              + " (expected: one of "
              + method.kinds()
              + "; ask this one with "
              + Method.of(manifest.kind()).rpc
              + ")");
    }
    List<String> fields = manifest.textFields();
    int given = second == null ? 1 : 2;
    if (fields.size() != given) {
      throw invalid(
          "task \""
              + task.name()
              + "\": "
              + given
              + " text(s) (expected: "
              + fields.size()
              + ": "
              + String.join(", ", fields)
              + ")");
    }
  }

  static SluiceException invalid(String message) {
    return new SluiceException(ErrorCode.INVALID_ARGUMENT, message);
  }
}
