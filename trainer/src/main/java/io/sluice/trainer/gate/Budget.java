package io.sluice.trainer.gate;

import static java.util.Objects.requireNonNull;

import java.math.BigDecimal;
import java.util.Locale;

/**
 * What the user allows a structure to cost. Only the adapters count; the head, which every task
 * needs, is reported beside them.
 */
public sealed interface Budget {

  /** At most this share of the backbone's parameters, embeddings included. */
  record ParameterShare(double share) implements Budget {
    public ParameterShare {
      if (!(share > 0 && share <= 1)) {
        throw new IllegalArgumentException("share: " + share + " (expected: above 0, at most 1)");
      }
    }

    @Override
    public long limit(long backboneParameters) {
      return BigDecimal.valueOf(share).multiply(BigDecimal.valueOf(backboneParameters)).longValue();
    }

    @Override
    public long cost(long parameters) {
      return parameters;
    }

    @Override
    public String unit() {
      return "parameters";
    }

    @Override
    public String toString() {
      return BigDecimal.valueOf(share).movePointRight(2).stripTrailingZeros().toPlainString() + "%";
    }
  }

  /** At most this many parameters. */
  record Parameters(long count) implements Budget {
    public Parameters {
      if (count < 1) {
        throw new IllegalArgumentException("count: " + count + " (expected: >= 1)");
      }
    }

    @Override
    public long limit(long backboneParameters) {
      return count;
    }

    @Override
    public long cost(long parameters) {
      return parameters;
    }

    @Override
    public String unit() {
      return "parameters";
    }

    @Override
    public String toString() {
      return count + " parameters";
    }
  }

  /** At most this many adapters. */
  record Points(int count) implements Budget {
    public Points {
      if (count < 1) {
        throw new IllegalArgumentException("count: " + count + " (expected: >= 1)");
      }
    }

    @Override
    public long limit(long backboneParameters) {
      return count;
    }

    @Override
    public long cost(long parameters) {
      return 1;
    }

    @Override
    public String unit() {
      return "points";
    }

    @Override
    public String toString() {
      return count + " points";
    }
  }

  /** The greatest total cost, in {@link #unit}s. */
  long limit(long backboneParameters);

  /** What a candidate of so many parameters costs, in {@link #unit}s. */
  long cost(long parameters);

  /** What is counted. */
  String unit();

  /**
   * Reads {@code 1.4%} or {@code 190000}.
   *
   * @throws IllegalArgumentException if it is neither, or out of range
   */
  static Budget parseParameters(String text) {
    String value = requireNonNull(text, "text").strip().toLowerCase(Locale.ROOT);
    try {
      return value.endsWith("%")
          ? new ParameterShare(
              new BigDecimal(value.substring(0, value.length() - 1).strip())
                  .movePointLeft(2)
                  .doubleValue())
          : new Parameters(Long.parseLong(value.replace("_", "")));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "max-params: " + text + " (expected: a share as 1.4%, or a count as 190000)", e);
    }
  }
}
