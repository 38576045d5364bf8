package io.sluice.server.testing;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.Probe;
import io.sluice.registry.testing.TestingBundles;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random bundles whose probe vectors are true on their backbone. Thread-safe. */
public final class ServedBundles {
  private static final int PROBE_ROWS = 3;

  private final Backbone backbone;
  private final OnnxRuntime runtime;

  public ServedBundles(Backbone backbone, OnnxRuntime runtime) {
    this.backbone = backbone;
    this.runtime = runtime;
  }

  /** A bundle under construction; adapters and labels are the caller's choice. */
  public TestingBundles builder() {
    return TestingBundles.on(
        backbone.digest(), backbone.name(), backbone.points(), backbone.hiddenSize());
  }

  /** Rank-4 bottlenecks with weights of {@code seed} at {@code points}. */
  public AdapterBundle bundle(long seed, int... points) {
    TestingBundles builder = builder().seed(seed);
    for (int point : points) {
      builder.adaptAt(point, 4);
    }
    return proven(builder);
  }

  /** Gives the bundle the probe vectors that a plain session of it computes. */
  public AdapterBundle proven(TestingBundles builder) {
    AdapterBundle draft = builder.build();
    List<long[]> ids = new ArrayList<>();
    List<long[]> typeIds = new ArrayList<>();
    List<float[]> logits = new ArrayList<>();
    Random random = new Random(draft.manifest().provenance().seed());
    try (MergedModel oracle = oracle(draft);
        BackboneTokenizer tokenizer = new BackboneTokenizer(backbone)) {
      for (int row = 0; row < PROBE_ROWS; row++) {
        Encoding encoding = tokenizer.encode(TestingBackbone.text(random, 3 + 2 * row), null, 32);
        ids.add(encoding.ids());
        typeIds.add(encoding.typeIds());
        logits.add(oracle.logits(encoding.ids(), encoding.typeIds()));
      }
    }
    return builder.probe(new Probe(ids, typeIds, logits)).build();
  }

  /** A plain session of the bundle; the caller closes it. */
  public MergedModel oracle(AdapterBundle bundle) {
    return new MergedModel(backbone, bundle.points(), bundle.head(), runtime);
  }
}
