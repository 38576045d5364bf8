package io.sluice.server.activation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.Probe;
import io.sluice.registry.probe.ProbeCheck;
import io.sluice.registry.testing.TestingAdapters;
import io.sluice.registry.testing.TestingBundles;
import io.sluice.server.engine.Built;
import io.sluice.server.engine.Engine;
import io.sluice.server.engine.EngineSettings;
import io.sluice.server.testing.MergedModel;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.TestingBackbone;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whatever row is the shortest, all of them are held to what they promise. */
class ProbeGateTest {
  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = TestingBackbone.create();
  private final ServedBundles bundles = new ServedBundles(backbone, runtime);
  private final Engine engine = Engine.start(backbone, EngineSettings.defaults(), runtime);
  private final ProbeGate gate = new ProbeGate(engine);

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void require_rowsInAnyOrder_passesWhatIsTrueAndRefusesAnyRowThatIsNot() {
    TestingBundles builder = bundles.builder().seed(5).adaptAt(2, 4).adaptAt(3, 4);
    Probe truth = bundles.proven(builder).probe();
    for (int turn = 0; turn < truth.rows(); turn++) {
      Probe turned = turned(truth, turn);
      assertThat(require(builder.probe(turned).build())).isLessThan(1e-5);
      for (int row = 0; row < truth.rows(); row++) {
        AdapterBundle drifting = builder.probe(off(turned, row)).build();
        refused(drifting, "logits differ from the probe vectors by");
      }
    }
  }

  @Test
  void require_rowsThatDependOnOthers_isRefusedEvenIfTheRowIsOneToken() {
    for (int tokens : new int[] {1, 2, 7}) {
      TestingBundles builder =
          bundles
              .builder()
              .seed(6)
              .adaptAt(2, "mixing", 0, TestingAdapters.mixing(TestingBackbone.HIDDEN));
      AdapterBundle draft = builder.build();
      long[] ids = new long[tokens];
      for (int i = 0; i < tokens; i++) {
        ids[i] = 4 + 3L * i;
      }
      long[] typeIds = new long[tokens];
      float[] alone;
      try (MergedModel oracle = bundles.oracle(draft)) {
        alone = oracle.logits(ids, typeIds);
      }
      refused(
          builder.probe(new Probe(List.of(ids), List.of(typeIds), List.of(alone))).build(),
          "with the rows beside it");
    }
  }

  private double require(AdapterBundle bundle) {
    try (Built built = engine.build("task", bundle)) {
      return gate.require(built.task(), bundle);
    }
  }

  private void refused(AdapterBundle bundle, String message) {
    assertThatThrownBy(() -> require(bundle))
        .isInstanceOfSatisfying(
            SluiceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION))
        .hasMessageContaining(message);
  }

  private static Probe turned(Probe probe, int by) {
    return new Probe(
        turned(probe.ids(), by), turned(probe.typeIds(), by), turned(probe.logits(), by));
  }

  private static <T> List<T> turned(List<T> rows, int by) {
    List<T> turned = new ArrayList<>(rows);
    Collections.rotate(turned, by);
    return turned;
  }

  /** The same with the promise of one row moved by twice what is allowed. */
  private static Probe off(Probe probe, int row) {
    List<float[]> logits = new ArrayList<>(probe.logits());
    float[] moved = logits.get(row).clone();
    float unit = 1;
    for (float logit : moved) {
      unit = Math.max(unit, Math.abs(logit));
    }
    moved[0] += (float) (2 * ProbeCheck.TOLERANCE) * unit;
    logits.set(row, moved);
    return new Probe(probe.ids(), probe.typeIds(), logits);
  }
}
