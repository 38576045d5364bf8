package io.sluice.registry.answer;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.util.List;
import java.util.Locale;

/** Which of the two labels of a yes-or-no task means yes. Stateless. */
public final class BooleanLabels {
  /** Labels that mean yes, in lower case. */
  public static final List<String> YES = List.of("true", "yes", "1");

  /** Labels that mean no, in lower case. */
  public static final List<String> NO = List.of("false", "no", "0");

  private BooleanLabels() {}

  /** Whether one of the labels means yes and the other no, and there are no more. */
  public static boolean areYesAndNo(List<String> labels) {
    return find(labels) >= 0;
  }

  /**
   * The place of the label that means yes.
   *
   * @throws SluiceException FAILED_PRECONDITION when the labels do not say
   */
  public static int indexOfYes(List<String> labels) {
    int yes = find(labels);
    if (yes < 0) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          "labels: " + labels + " (expected: one of " + YES + " and one of " + NO + ")");
    }
    return yes;
  }

  private static int find(List<String> labels) {
    for (int yes = 0; yes < 2 && labels.size() == 2; yes++) {
      if (YES.contains(labels.get(yes).toLowerCase(Locale.ROOT))
          && NO.contains(labels.get(1 - yes).toLowerCase(Locale.ROOT))) {
        return yes;
      }
    }
    return -1;
  }
}
