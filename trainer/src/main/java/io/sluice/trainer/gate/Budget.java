package io.sluice.trainer.gate;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

import io.sluice.registry.cost.CostTable;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
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

    /** The greatest number of parameters. */
    public long limit(long backboneParameters) {
      return BigDecimal.valueOf(share).multiply(BigDecimal.valueOf(backboneParameters)).longValue();
    }

    @Override
    public List<Constraint> constraints(BudgetSubject subject) {
      return List.of(
          Constraint.additive(
              PARAMETERS,
              subject.points(),
              subject.parameters(),
              limit(subject.backboneParameters())));
    }

    @Override
    public String shortfall(Constraint constraint, long least, BudgetSubject subject) {
      return String.format(
          Locale.ROOT, "max-params: %s = %s", this, parameterShortfall(constraint, least, subject));
    }

    @Override
    public String toString() {
      return percent(share);
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
    public List<Constraint> constraints(BudgetSubject subject) {
      return List.of(
          Constraint.additive(PARAMETERS, subject.points(), subject.parameters(), count));
    }

    @Override
    public String shortfall(Constraint constraint, long least, BudgetSubject subject) {
      return "max-params: " + parameterShortfall(constraint, least, subject);
    }

    @Override
    public String toString() {
      return count + " parameters";
    }
  }

  /** Adapters at no more than this many insertion points. */
  record Points(int count) implements Budget {
    public Points {
      if (count < 1) {
        throw new IllegalArgumentException("count: " + count + " (expected: >= 1)");
      }
    }

    @Override
    public List<Constraint> constraints(BudgetSubject subject) {
      return List.of(
          new Constraint(
              "points", subject.points(), new long[subject.candidates().size()], 1, count));
    }

    @Override
    public String shortfall(Constraint constraint, long least, BudgetSubject subject) {
      return "max-points: " + count + " (expected: >= " + least + ")";
    }

    @Override
    public String toString() {
      return count + " points";
    }
  }

  /** At least this share of the candidates is left out. */
  record Sparsity(double share) implements Budget {
    public Sparsity {
      if (!(share >= 0 && share < 1)) {
        throw new IllegalArgumentException("share: " + share + " (expected: 0 or more, below 1)");
      }
    }

    @Override
    public List<Constraint> constraints(BudgetSubject subject) {
      long[] one = new long[subject.candidates().size()];
      Arrays.fill(one, 1);
      BigDecimal kept = BigDecimal.ONE.subtract(BigDecimal.valueOf(share));
      long limit = kept.multiply(BigDecimal.valueOf(one.length)).longValue();
      return List.of(Constraint.additive("candidates", subject.points(), one, limit));
    }

    @Override
    public String shortfall(Constraint constraint, long least, BudgetSubject subject) {
      int all = subject.candidates().size();
      // Rounded down, so that what is named is feasible.
      double most = Math.floor(1e4 * (all - least) / all) / 1e4;
      return String.format(
          Locale.ROOT,
          "sparsity: %s leaves %d of %d candidates (expected: <= %s, which leaves %d)",
          this,
          constraint.limit(),
          all,
          percent(most),
          least);
    }

    @Override
    public String toString() {
      return "sparsity " + percent(share);
    }
  }

  /**
   * The adapters add no more than this to the time of a request, as measured on a machine.
   *
   * @param micros microseconds for one row
   * @param tokens length of that row
   */
  record Latency(double micros, int tokens, CostTable table) implements Budget {
    private static final double NANOS = 1000;

    public Latency {
      requireNonNull(table, "table");
      if (!(micros > 0 && micros <= 1e9)) {
        throw new IllegalArgumentException("micros: " + micros + " (expected: above 0)");
      }
      if (tokens < 1) {
        throw new IllegalArgumentException("tokens: " + tokens + " (expected: >= 1)");
      }
    }

    /** What is measured for an adapter alone is split into the call, once a point, and the rest. */
    @Override
    public List<Constraint> constraints(BudgetSubject subject) {
      long call = Math.max(1, Math.round(NANOS * table.callMicros(tokens)));
      long[] each =
          subject.candidates().stream()
              .mapToLong(
                  item ->
                      (long)
                              Math.ceil(
                                  NANOS * table.adapterMicros(item.kind(), item.rank(), tokens))
                          - call)
              .map(nanos -> Math.max(1, nanos))
              .toArray();
      return List.of(
          new Constraint(
              "nanoseconds", subject.points(), each, call, (long) Math.floor(NANOS * micros)));
    }

    @Override
    public String shortfall(Constraint constraint, long least, BudgetSubject subject) {
      return String.format(
          Locale.ROOT,
          "max-latency-us: %s (expected: >= %.1f, the cheapest candidate for a row of %d tokens)",
          BigDecimal.valueOf(micros).stripTrailingZeros().toPlainString(),
          Math.ceil(least / NANOS * 10) / 10,
          tokens);
    }

    @Override
    public String toString() {
      return BigDecimal.valueOf(micros).stripTrailingZeros().toPlainString()
          + " us by table "
          + table.digest().shortForm()
          + " at "
          + tokens
          + " tokens";
    }
  }

  /** Several at once: every one of them holds. */
  record All(List<Budget> budgets) implements Budget {
    public All {
      budgets = List.copyOf(budgets);
      if (budgets.isEmpty()) {
        throw new IllegalArgumentException("budgets: none (expected: >= 1)");
      }
    }

    @Override
    public List<Constraint> constraints(BudgetSubject subject) {
      return budgets.stream().flatMap(budget -> budget.constraints(subject).stream()).toList();
    }

    @Override
    public List<Budget> parts() {
      return budgets.stream().flatMap(budget -> budget.parts().stream()).toList();
    }

    @Override
    public String shortfall(Constraint constraint, long least, BudgetSubject subject) {
      throw new IllegalStateException("shortfall: asked of all (expected: of a part)");
    }

    @Override
    public String toString() {
      return budgets.stream().map(Budget::toString).collect(joining(", "));
    }
  }

  /** What it counts. */
  String PARAMETERS = "parameters";

  /** What it asks of structures: one constraint for each of {@link #parts}, in their order. */
  List<Constraint> constraints(BudgetSubject subject);

  /** The budgets that it is made of; itself if it is one. */
  default List<Budget> parts() {
    return List.of(this);
  }

  /**
   * Says that it cannot be met.
   *
   * @param constraint what it asked
   * @param least the least limit that could be met
   */
  String shortfall(Constraint constraint, long least, BudgetSubject subject);

  /**
   * Reads {@code 1.4%} or {@code 190000}.
   *
   * @throws IllegalArgumentException if it is neither, or out of range
   */
  static Budget parseParameters(String text) {
    String value = requireNonNull(text, "text").strip().toLowerCase(Locale.ROOT);
    try {
      return value.endsWith("%")
          ? new ParameterShare(share(value))
          : new Parameters(Long.parseLong(value.replace("_", "")));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "max-params: " + text + " (expected: a share as 1.4%, or a count as 190000)", e);
    }
  }

  /**
   * Reads {@code 25%} or {@code 0.25}.
   *
   * @throws IllegalArgumentException if it is neither, or out of range
   */
  static Budget parseSparsity(String text) {
    String value = requireNonNull(text, "text").strip();
    try {
      return new Sparsity(value.endsWith("%") ? share(value) : Double.parseDouble(value));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "sparsity: " + text + " (expected: a share as 25% or 0.25)", e);
    }
  }

  private static double share(String percent) {
    return new BigDecimal(percent.substring(0, percent.length() - 1).strip())
        .movePointLeft(2)
        .doubleValue();
  }

  private static String percent(double share) {
    return BigDecimal.valueOf(share).movePointRight(2).stripTrailingZeros().toPlainString() + "%";
  }

  private static String parameterShortfall(
      Constraint constraint, long least, BudgetSubject subject) {
    return String.format(
        Locale.ROOT,
        "%,d parameters (expected: >= %,d, the cheapest candidate, which is %.4f%% of the backbone's %,d parameters)",
        constraint.limit(),
        least,
        Math.ceil(1e6 * least / subject.backboneParameters()) / 1e4,
        subject.backboneParameters());
  }
}
