package io.sluice.registry.store;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.util.regex.Pattern;

/** The rule for names of tasks: safe in URLs, file names and metric labels. */
public final class TaskName {
  private static final Pattern RULE = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");
  private static final int MAX_PRINTED = 80;

  private TaskName() {}

  /** Returns {@code name} when it keeps the rule, else refuses it with INVALID_ARGUMENT. */
  public static String require(String name) {
    if (!RULE.matcher(requireNonNull(name, "name")).matches()) {
      String shown = name.length() > MAX_PRINTED ? name.substring(0, MAX_PRINTED) + "..." : name;
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "task: \""
              + shown.replaceAll("[^ -~]", "?")
              + "\" (expected: 1..63 of a-z, 0-9, '.', '_', '-', the first a letter or digit)");
    }
    return name;
  }
}
