package io.sluice.trainer.experiment;

import java.util.List;
import java.util.Map;

/** Results that nobody trained for. */
public final class TestingResults {
  private TestingResults() {}

  /** A result with this score; a full one takes 100 s and everything, another 40 s and 1 %. */
  public static CellResult of(String task, String variant, long seed, double score) {
    boolean full = variant.equals("full");
    return new CellResult(
        task,
        variant,
        seed,
        full ? "full" : "learned",
        "accuracy",
        score,
        0.5,
        Map.of("accuracy", score),
        Map.of("accuracy", 0.5),
        new CellResult.Size(full ? 1000 : 10, 5, 1000, 600, full ? 1 : 0.01),
        full
            ? null
            : new CellResult.Structure(
                "parameters",
                10,
                14,
                3,
                20,
                4,
                List.of(new CellResult.Survivor(4, "bottleneck-sequential", 2, 10))),
        new CellResult.Time(
            60,
            full ? 100 : 40,
            2,
            33.25,
            1,
            Map.of("fine-tune", new CellResult.PhaseTime(60, 30, 0.5))),
        List.of(new CellResult.Note("gates \"undecided\", some", "3 of 8")),
        Map.of("learning_rate", "0.001"),
        Map.of("backbone", "testing"));
  }

  /** What goes by {@code plan}, with a score that depends on the seed. */
  public static CellResult of(CellPlan plan) {
    Cell cell = plan.cell();
    CellResult result = of(cell.task(), cell.variant(), cell.seed(), 0.5 + 0.01 * cell.seed());
    return new CellResult(
        result.task(),
        result.variant(),
        result.seed(),
        plan.method(),
        result.metric(),
        result.score(),
        result.probeScore(),
        result.dev(),
        result.probe(),
        result.size(),
        result.structure(),
        result.time(),
        result.findings(),
        plan.described(),
        result.origin());
  }
}
