package io.sluice.trainer.experiment.summary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.trainer.experiment.CellResult;
import io.sluice.trainer.experiment.Claim;
import io.sluice.trainer.experiment.Suite;
import io.sluice.trainer.experiment.TestingResults;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Figures against those reckoned by hand. */
class ScoresTest {
  private final Suite suite =
      new Suite(
          "s",
          "By hand",
          List.of("a", "b"),
          List.of("full", "learned", "absent"),
          List.of(1L, 2L, 3L),
          List.of(new Claim("learned", "full", 0.5), new Claim("learned", "full", null)),
          Suite.Chart.DOTS);

  private final Scores scores = new Scores(suite, results());

  private static List<CellResult> results() {
    List<CellResult> results = new ArrayList<>();
    // a: full 80, 82, 84; learned 79, 83, 84. b: full 60, 61; learned 58, 58.5, 60.
    add(results, "a", "full", 0.80, 0.82, 0.84);
    add(results, "a", "learned", 0.79, 0.83, 0.84);
    add(results, "b", "full", 0.60, 0.61);
    add(results, "b", "learned", 0.58, 0.585, 0.60);
    results.add(TestingResults.of("c", "full", 1, 0.1));
    results.add(TestingResults.of("a", "full", 9, 0.1));
    return results;
  }

  private static void add(List<CellResult> results, String task, String variant, double... scores) {
    for (int i = 0; i < scores.length; i++) {
      results.add(TestingResults.of(task, variant, i + 1L, scores[i]));
    }
  }

  @Test
  void score_threeSeeds_meanAndSampleDeviation() {
    assertThat(scores.count()).isEqualTo(11);
    Spread full = scores.score("full", "a");
    assertThat(full.count()).isEqualTo(3);
    assertThat(full.mean()).isCloseTo(82, within(1e-9));
    assertThat(full.sd()).isCloseTo(2, within(1e-9));
    // 79, 83, 84: mean 82, squares 9 + 1 + 4, sd sqrt(7).
    assertThat(scores.score("learned", "a").sd()).isCloseTo(Math.sqrt(7), within(1e-9));
    assertThat(scores.score("absent", "a").count()).isZero();
    assertThat(Spread.of(List.of(4.0)).sd()).isNaN();
  }

  @Test
  void average_seedsWithAllTasks_only() {
    // full: seed 1 (80 + 60) / 2, seed 2 (82 + 61) / 2; seed 3 lacks b.
    Spread full = scores.average("full");
    assertThat(full.count()).isEqualTo(2);
    assertThat(full.mean()).isCloseTo((70 + 71.5) / 2, within(1e-9));
    assertThat(full.sd()).isCloseTo(1.5 / Math.sqrt(2), within(1e-9));
    assertThat(scores.average("learned").count()).isEqualTo(3);
  }

  @Test
  void difference_pairedBySeed_meanAndDeviation() {
    // a: -1, 1, 0. b: -2, -2.5.
    Spread a = scores.difference("learned", "full", "a");
    assertThat(a.mean()).isCloseTo(0, within(1e-9));
    assertThat(a.sd()).isCloseTo(1, within(1e-9));
    Spread b = scores.difference("learned", "full", "b");
    assertThat(b.count()).isEqualTo(2);
    assertThat(b.mean()).isCloseTo(-2.25, within(1e-9));
    // averages: seed 1 68.5 - 70, seed 2 70.75 - 71.5.
    assertThat(scores.averageDifference("learned", "full").mean())
        .isCloseTo((-1.5 - 0.75) / 2, within(1e-9));
  }

  @Test
  void seconds_shareOfFull_andShareOfParameters() {
    assertThat(scores.relativeSeconds("learned")).isCloseTo(0.4, within(1e-9));
    assertThat(scores.seconds("full")).isCloseTo(100, within(1e-9));
    assertThat(scores.share("learned")).isCloseTo(0.01, within(1e-9));
    assertThat(scores.relativeSeconds("absent")).isNaN();
  }

  @Test
  void verdicts_claims_sayWhereTheyHold() {
    assertThat(ExperimentReport.verdicts(scores))
        .containsExactly(
            "learned is within 0.5 of full, or above it: holds on 1 of 2 tasks; not on b"
                + " (-2.3 ± 0.4 (n=2)).",
            "learned is not below full by more than one sd of the difference: holds on 1 of 2"
                + " tasks; not on b (-2.3 ± 0.4 (n=2)).");
  }

  @Test
  void table_partialResults_showWhatThereIs() {
    ExperimentReport report = new ExperimentReport(List.of(scores), results(), Map.of());
    assertThat(report.markdown())
        .contains(
            "| variant | a | b | average | learned | time | of full |\n",
            "| full | 82.0 ± 2.0 | 60.5 ± 0.7 (n=2) | 70.8 ± 1.1 (n=2) | 100.00 % | 100 s |"
                + " 1.00 |\n",
            "| learned | 82.0 ± 2.6 | 58.8 ± 1.0 | 70.4 ± 1.8 | 1.00 % | 40 s | 0.40 |\n",
            "| absent | – | – | – | – | – | – |\n",
            "| learned − full | +0.0 ± 1.0 | -2.3 ± 0.4 (n=2) |",
            "11 of 18 cells");
    String csv = ResultsCsv.of(results());
    assertThat(csv.lines()).hasSize(14);
    assertThat(csv)
        .contains(
            "a,learned,1,learned,accuracy,0.790000,0.500000,10,5,0.01000000,parameters,10,14,1,3,"
                + "20,60,40.000,2.000,33.3,1,4:bottleneck-sequential:2,"
                + "\"gates \"\"undecided\"\", some\"");
    assertThat(csv.lines().map(line -> line.replaceAll("\"[^,]*\"\"[^\"]*\"\",[^,]*\"", "q")))
        .allMatch(line -> line.split(",", -1).length == 23);
  }
}
