package io.sluice.trainer.experiment.summary;

import java.util.Locale;

/** Figures of experiments as texts, the same in every locale. */
final class Texts {
  static final String NONE = "–";

  private Texts() {}

  /**
   * A mean with its spread: {@code 91.2 ± 0.3}.
   *
   * @param asked how many figures there should be; fewer are named
   */
  static String spread(Spread spread, int asked) {
    if (spread.count() == 0) {
      return NONE;
    }
    String text =
        Double.isNaN(spread.sd())
            ? number(spread.mean())
            : number(spread.mean()) + " ± " + number(spread.sd());
    return spread.count() < asked ? text + " (n=" + spread.count() + ")" : text;
  }

  /** The same with its sign. */
  static String difference(Spread spread, int asked) {
    String text = spread(spread, asked);
    return spread.count() > 0 && !text.startsWith("-") ? "+" + text : text;
  }

  /** With one decimal and a dash for none; no minus before zero. */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return NONE;
    }
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.equals("-0.0") ? "0.0" : text;
  }

  static String percent(double share) {
    return Double.isNaN(share) ? NONE : String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }

  static String ratio(double value) {
    return Double.isNaN(value) ? NONE : String.format(Locale.ROOT, "%.2f", value);
  }

  static String seconds(double value) {
    return Double.isNaN(value) ? NONE : String.format(Locale.ROOT, "%.0f s", value);
  }
}
