package io.sluice.loadtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.Probe;
import io.sluice.registry.probe.BundleForward;
import io.sluice.registry.probe.ProbeCheck;
import io.sluice.registry.testing.TestingBundles;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlainModelTest {
  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = SluiceMini.load();

  @Test
  void run_headOnly_equalsTheReferenceForward() {
    int handles = runtime.openHandles();
    AdapterBundle bundle = bundle().build();
    List<Encoding> rows;
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(backbone)) {
      List<String> texts = new TextsOfLength(tokenizer, 3).texts(4, 12);
      rows = texts.stream().map(text -> tokenizer.encode(text, null, 64)).toList();
    }
    assertThat(rows).allMatch(row -> row.length() == 12);
    try (BackboneSessions sessions = BackboneSessions.open(backbone, runtime);
        BundleForward forward = new BundleForward(sessions, bundle, runtime);
        PlainModel plain = new PlainModel(backbone, bundle.head(), 2, runtime);
        PlainModel.Batch batch = plain.batch(rows)) {
      float[][] expected = forward.logits(rows);
      batch.run();
      for (int row = 0; row < rows.size(); row++) {
        for (int label = 0; label < 2; label++) {
          assertThat(batch.logit(row, label)).isCloseTo(expected[row][label], within(1e-4f));
        }
      }
    }
    assertThat(runtime.openHandles()).isEqualTo(handles);
  }

  @Test
  void variant_ofABundle_isAnotherThatPassesItsProbe() {
    AdapterBundle original = bundle().adaptAt(2, 4).build();
    try (BackboneSessions sessions = BackboneSessions.open(backbone, runtime)) {
      BundleVariants variants = new BundleVariants(original, sessions, runtime);
      AdapterBundle first = variants.variant(1);
      AdapterBundle second = variants.variant(2);
      assertThat(first.digest()).isNotEqualTo(second.digest()).isNotEqualTo(original.digest());
      assertThat(variants.variant(1).digest()).isEqualTo(first.digest());
      try (BundleForward forward = new BundleForward(sessions, first, runtime)) {
        Probe probe = first.probe();
        float[][] logits = forward.logits(ProbeCheck.encodings(probe));
        assertThat(logits[0]).containsExactly(probe.logits().get(0));
      }
    }
  }

  private TestingBundles bundle() {
    return TestingBundles.on(
        backbone.digest(), backbone.name(), backbone.points(), backbone.hiddenSize());
  }
}
