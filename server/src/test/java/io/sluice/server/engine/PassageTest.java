package io.sluice.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.answer.SpanWindows;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.server.testing.MergedModel;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.TestingBackbone;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PassageTest {
  private static final int MAX_TOKENS = 20;

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = TestingBackbone.create();
  private final ServedBundles bundles = new ServedBundles(backbone, runtime);
  private int handlesBefore;
  private Engine engine;

  @BeforeEach
  void start() {
    handlesBefore = runtime.openHandles();
    engine = Engine.start(backbone, EngineSettings.defaults(), runtime);
  }

  @AfterEach
  void close_afterEverything_leavesNoNativeHandle() {
    engine.close();
    assertThat(runtime.openHandles()).isEqualTo(handlesBefore);
  }

  @Test
  void askPassage_manyWindows_shareOneBatchAndEqualAPlainSession() {
    var bundle =
        bundles.proven(
            bundles
                .builder()
                .kind(TaskKind.ANSWER_SPAN)
                .textFields("question", "passage")
                .maxTokens(MAX_TOKENS)
                .adaptAt(1, 4)
                .adaptAt(4, 4));
    try (Built built = engine.build("spans", bundle)) {
      engine.tasks().swap(built.take());
    }
    String passage = TestingBackbone.text(new Random(3), 90);
    try (Lease lease = engine.tasks().lease("spans");
        MergedModel oracle = bundles.oracle(bundle)) {
      // Once block by block, once as one session.
      for (int turn = 0; turn < 2; turn++) {
        PassageAnswer answer =
            engine.askPassage(lease, "", "who was it", passage, 100, null).answer().join();

        List<SpanWindows.Window> windows = answer.windows().windows();
        long full = windows.stream().filter(one -> one.encoding().length() == MAX_TOKENS).count();
        assertThat(full).isGreaterThan(5);
        for (int i = 0; i < windows.size(); i++) {
          RowResult result = answer.results().get(i);
          float[] expected =
              oracle.logits(windows.get(i).encoding().ids(), windows.get(i).encoding().typeIds());
          assertThat(result.logits()).hasSize(2 * windows.get(i).encoding().length());
          for (int logit = 0; logit < expected.length; logit++) {
            assertThat(result.logits()[logit]).isCloseTo(expected[logit], within(1e-5f));
          }
        }
        // Who takes first takes a share; one that wakes late leaves parts of its own to others.
        int largest = answer.results().stream().mapToInt(RowResult::batchRows).max().orElseThrow();
        assertThat(largest).isGreaterThanOrEqualTo((int) full / runtime.settings().threads());
        engine.warmUp(Duration.ofMillis(100));
        assertThat(engine.expressStats().failed()).isZero();
      }
      assertThat(engine.expressStats().runs()).isPositive();
    }
  }
}
