package io.sluice.trainer.experiment.summary;

import io.sluice.trainer.experiment.Suite;
import java.util.ArrayList;
import java.util.List;

/**
 * A suite's results as a table of texts: variants by tasks, their average, what was learned and
 * what it took.
 *
 * @param header titles of the columns
 * @param rows a variant each
 */
public record ResultTable(List<String> header, List<List<String>> rows) {
  public ResultTable {
    header = List.copyOf(header);
    rows = rows.stream().map(List::copyOf).toList();
  }

  /** Of all results there are. */
  public static ResultTable of(Scores scores) {
    Suite suite = scores.suite();
    boolean several = suite.tasks().size() > 1;
    List<String> header = new ArrayList<>(List.of("variant"));
    header.addAll(suite.tasks());
    if (several) {
      header.add("average");
    }
    header.addAll(List.of("learned", "time", "of full"));
    List<List<String>> rows = new ArrayList<>();
    for (String variant : suite.variants()) {
      List<String> row = new ArrayList<>(List.of(variant));
      for (String task : suite.tasks()) {
        row.add(Texts.spread(scores.score(variant, task), suite.seeds().size()));
      }
      if (several) {
        row.add(Texts.spread(scores.average(variant), suite.seeds().size()));
      }
      row.add(Texts.percent(scores.share(variant)));
      row.add(Texts.seconds(scores.seconds(variant)));
      row.add(Texts.ratio(scores.relativeSeconds(variant)));
      rows.add(row);
    }
    return new ResultTable(header, rows);
  }

  /** Differences that claims are judged by; no rows if nothing is claimed. */
  public static ResultTable differences(Scores scores) {
    Suite suite = scores.suite();
    List<String> header = new ArrayList<>(List.of("difference"));
    header.addAll(suite.tasks());
    if (suite.tasks().size() > 1) {
      header.add("average");
    }
    List<List<String>> rows = new ArrayList<>();
    for (var claim : suite.claims()) {
      Verdict verdict = Verdict.of(claim, scores);
      List<String> row = new ArrayList<>(List.of(claim.subject() + " − " + claim.against()));
      verdict
          .differences()
          .forEach(named -> row.add(Texts.difference(named.difference(), suite.seeds().size())));
      rows.add(row);
    }
    return new ResultTable(header, rows);
  }

  /** As Markdown; numbers to the right. */
  public String markdown() {
    StringBuilder text = new StringBuilder();
    line(text, header);
    List<String> rule = new ArrayList<>(List.of("---"));
    header.stream().skip(1).forEach(title -> rule.add("--:"));
    line(text, rule);
    rows.forEach(row -> line(text, row));
    return text.toString();
  }

  private static void line(StringBuilder text, List<String> cells) {
    text.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }
}
