package io.sluice.loadtest.report;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What one run of a benchmark found. Immutable.
 *
 * @param name of the benchmark and of its files: {@code load}
 * @param environment what it was measured on
 * @param facts sentences: what was asked of what, how often
 * @param verdicts figures with a target
 * @param charts drawn beside the tables
 * @param figures everything measured, as records that Jackson can write
 */
public record BenchReport(
    String name,
    Environment environment,
    List<String> facts,
    List<Verdict> verdicts,
    List<Sheet> sheets,
    List<Chart> charts,
    Object figures) {
  public BenchReport {
    requireNonNull(name, "name");
    requireNonNull(environment, "environment");
    facts = List.copyOf(facts);
    verdicts = List.copyOf(verdicts);
    sheets = List.copyOf(sheets);
    charts = List.copyOf(charts);
    requireNonNull(figures, "figures");
  }

  /** Whether every target was met. */
  public boolean met() {
    return verdicts.stream().allMatch(Verdict::met);
  }

  /** As Markdown: the line of the environment, facts, verdicts, tables. */
  public String markdown() {
    List<String> parts = new ArrayList<>();
    parts.add(environment.line() + ".\n" + String.join("\n", facts));
    parts.add(verdicts.stream().map(one -> "- " + one.line()).collect(Collectors.joining("\n")));
    sheets.forEach(sheet -> parts.add(String.join("\n", sheet.markdown())));
    parts.removeIf(String::isEmpty);
    return String.join("\n\n", parts) + "\n";
  }

  /** As indented JSON: name, environment, facts, verdicts and figures. */
  public String json() {
    return ReportJson.of(this);
  }
}
