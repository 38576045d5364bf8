package io.sluice.server.engine;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.util.List;
import java.util.Locale;

/** Which of the two labels of a yes-or-no task means yes. Stateless. */
public final class BooleanLabels {
  private static final List<String> YES = List.of("true", "yes", "1");
  private static final List<String> NO = List.of("false", "no", "0");

  private BooleanLabels() {}

  /**
   * The place of the label that means yes.
   *
   * @throws SluiceException FAILED_PRECONDITION when the labels do not say
   */
  public static int indexOfYes(List<String> labels) {
    for (int yes = 0; yes < 2 && labels.size() == 2; yes++) {
      if (YES.contains(labels.get(yes).toLowerCase(Locale.ROOT))
          && NO.contains(labels.get(1 - yes).toLowerCase(Locale.ROOT))) {
        return yes;
      }
    }
    throw new SluiceException(
        ErrorCode.FAILED_PRECONDITION,
        "labels: " + labels + " (expected: one of " + YES + " and one of " + NO + ")");
  }
}
