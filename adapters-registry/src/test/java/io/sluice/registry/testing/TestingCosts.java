package io.sluice.registry.testing;

import io.sluice.backbone.precision.Precision;
import io.sluice.registry.cost.CostTable;
import java.util.List;

/** A cost table with round figures: a call 10 us, low-rank 4 and 8 and scale-shift above it. */
public final class TestingCosts {
  private TestingCosts() {}

  /** Of an encoder of which everything is computed for everybody. */
  public static CostTable table() {
    return table(3, List.of(0.0, 0.0, 0.0));
  }

  /** Of an encoder whose end is computed for the first token, for those who read no other. */
  public static CostTable table(int firstTokenPoint, List<Double> endMicros) {
    return new CostTable(
        CostTable.VERSION,
        "00".repeat(32),
        "testing",
        8,
        Precision.FP32,
        "cpu",
        new CostTable.Machine("Linux", "amd64", 2, 2, "JVM", "1"),
        List.of(16, 32, 64),
        List.of(List.of(100.0, 200.0, 400.0), List.of(50.0, 100.0, 200.0)),
        firstTokenPoint,
        endMicros,
        List.of(10.0, 10.0, 20.0),
        List.of(
            new CostTable.Adapter("low_rank", 4, List.of(17.0, 24.0, 38.0)),
            new CostTable.Adapter("low_rank", 8, List.of(24.0, 38.0, 66.0)),
            new CostTable.Adapter("scale_shift", 0, List.of(11.0, 12.0, 14.0))));
  }
}
