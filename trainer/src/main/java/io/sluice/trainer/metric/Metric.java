package io.sluice.trainer.metric;

import java.util.Locale;

/** The measure a run is chosen by; greater is better. */
public enum Metric {
  ACCURACY,
  MACRO_F1,
  MATTHEWS;

  public double of(Confusion confusion) {
    return switch (this) {
      case ACCURACY -> confusion.accuracy();
      case MACRO_F1 -> confusion.macroF1();
      case MATTHEWS -> confusion.matthews();
    };
  }

  /** Its name in manifests and on the command line. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
