package io.sluice.cli.evaluation;

import io.sluice.cli.terminal.Screen;
import io.sluice.cli.terminal.Table;
import io.sluice.registry.bundle.Manifest;
import io.sluice.trainer.evaluate.BundleEvaluation;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.metric.LabelTally;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** What a bundle reaches, as tables: beside what training measured, by label, by mistake. */
public final class EvaluationText {
  private static final int MOST_MISTAKES = 10;

  private EvaluationText() {}

  /** Prints all of it. */
  public static void print(BundleEvaluation found, Screen screen) {
    Manifest manifest = found.manifest();
    screen.line("rows        %d of %s", found.rows().size(), found.rows().source());
    if (found.truncated() > 0) {
      screen.line(
          "cut         %d of them, longer than %d tokens", found.truncated(), manifest.maxTokens());
    }
    screen.gap();
    screen.table(measures(found));
    List<LabelTally> byLabel = found.evaluation().byLabel();
    if (!byLabel.isEmpty()) {
      screen.gap();
      screen.table(labels(byLabel, manifest.labels()));
    }
    List<Evaluation.Mistake> mistakes = found.evaluation().mistakes();
    if (!mistakes.isEmpty()) {
      screen.gap();
      screen.table(mistakes(mistakes, manifest.labels()));
    }
  }

  /** The one the kind is judged by comes first. */
  private static Table measures(BundleEvaluation found) {
    SortedMap<String, Double> here = found.measures();
    SortedMap<String, Double> promised = found.promised();
    Set<String> names = new LinkedHashSet<>();
    names.add(found.evaluation().primary().code());
    names.addAll(here.keySet());
    Table table = new Table("measure", "these rows>", "dev rows>", "difference>");
    for (String name : names) {
      Double value = here.get(name);
      Double other = promised.get(name);
      table.row(
          name.replace('_', ' '),
          number("%.4f", value),
          number("%.4f", other),
          number("%+.4f", value == null || other == null ? null : Double.valueOf(value - other)));
    }
    return table;
  }

  private static Table labels(List<LabelTally> byLabel, List<String> names) {
    Table table = new Table("label", "rows>", "precision>", "recall>", "F1>");
    for (int label = 0; label < names.size(); label++) {
      LabelTally tally = byLabel.get(label);
      table.row(
          names.get(label),
          tally.rows(),
          number("%.4f", tally.precision()),
          number("%.4f", tally.recall()),
          number("%.4f", tally.f1()));
    }
    return table;
  }

  private static Table mistakes(List<Evaluation.Mistake> mistakes, List<String> names) {
    Table table = new Table("most frequent mistakes: is", "answered", "rows>");
    mistakes.stream()
        .limit(MOST_MISTAKES)
        .forEach(one -> table.row(names.get(one.truth()), names.get(one.answer()), one.rows()));
    return table;
  }

  private static String number(String format, @Nullable Double value) {
    return value == null ? "" : String.format(Locale.ROOT, format, value);
  }
}
