package io.sluice.cli.command.bench;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.TextPair;
import io.sluice.backbone.precision.Precision;
import io.sluice.loadtest.Bed;
import io.sluice.loadtest.precision.PrecisionBenchmark;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.server.engine.BareEngine;
import io.sluice.server.engine.EngineSettings;
import io.sluice.server.engine.LoadedTask;
import java.util.ArrayList;
import java.util.List;

/** One task in an engine of this process, with its sessions joined. Confined to one thread. */
final class EngineAlone implements PrecisionBenchmark.Alone, AutoCloseable {
  private final BareEngine engine;
  private final LoadedTask task;
  private final List<long[]> texts = new ArrayList<>();
  private int next;

  EngineAlone(Bed bed, Precision precision, AdapterBundle bundle, List<TextPair> texts) {
    Backbone backbone = bed.sessions().backbone();
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(backbone)) {
      for (TextPair text : texts) {
        this.texts.add(tokenizer.encode(text.text(), text.pair(), backbone.maxPositions()).ids());
      }
    }
    engine =
        new BareEngine(
            backbone, precision, bed.runtime(), EngineSettings.defaults().expressBytes());
    task = engine.add("alone", bundle);
    engine.join(task);
  }

  @Override
  public void run(int rows) {
    List<BareEngine.Asked> batch = new ArrayList<>(rows);
    for (int row = 0; row < rows; row++) {
      batch.add(new BareEngine.Asked(task, texts.get(next)));
      next = (next + 1) % texts.size();
    }
    engine.run(batch);
  }

  @Override
  public void close() {
    engine.close();
  }
}
