package io.sluice.cli.command;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.precision.Precision;
import io.sluice.registry.cost.CostTable;
import java.util.Collections;
import java.util.List;

/** A table of round prices that nobody measured, for the embedded encoder's shape. */
public final class MadeUpPrices {
  private MadeUpPrices() {}

  /**
   * 32 tokens: 2400 µs for all blocks, 60 for an adapter.
   *
   * @param backbone digest of the one it says to be of, in hexadecimal
   */
  public static CostTable of(String backbone, Precision precision) {
    Backbone mini = SluiceMini.load();
    return new CostTable(
        CostTable.VERSION,
        backbone,
        "priced",
        mini.hiddenSize(),
        precision,
        "cpu",
        new CostTable.Machine("Linux", "amd64", 2, 2, "JVM", "1"),
        List.of(32),
        Collections.nCopies(mini.points(), List.of(2400.0 / mini.points())),
        mini.points() + 1,
        List.of(0.0),
        List.of(10.0),
        List.of(new CostTable.Adapter("bottleneck_sequential", 4, List.of(60.0))));
  }
}
