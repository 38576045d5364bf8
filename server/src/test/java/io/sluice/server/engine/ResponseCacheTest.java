package io.sluice.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.server.testing.MergedModel;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.TestingBackbone;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ResponseCacheTest {
  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = TestingBackbone.create();
  private final ServedBundles bundles = new ServedBundles(backbone, runtime);
  private final AdapterBundle first = bundles.bundle(1, 1, 3);
  private final AdapterBundle second = bundles.bundle(2, 2);
  private Engine engine = engine(1 << 20);

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void ask_sameTextAgain_getsTheSameBitsAndRunsNothing() {
    activate("task", first);
    RowResult computed = ask("task", "a good film").result();
    RowResult kept = ask("task", "a good film").result();

    assertThat(computed.layersRun()).isEqualTo(TestingBackbone.POINTS);
    assertThat(kept.layersRun()).isZero();
    assertThat(kept.computeNanos()).isZero();
    assertThat(kept.logits()).containsExactly(computed.logits()).isNotSameAs(computed.logits());
    assertThat(ask("task", "a bad film").result().layersRun()).isPositive();
    CacheStats stats = engine.stats().responses();
    assertThat(stats.hits()).isEqualTo(1);
    assertThat(stats.misses()).isEqualTo(2);
    assertThat(stats.entries()).isEqualTo(2);
  }

  @Test
  void ask_swapInBetween_neverGetsWhatTheOtherBundleSaid() {
    activate("task", first);
    float[] before = ask("task", "a good film").result().logits();
    activate("task", second);
    RowResult after = ask("task", "a good film").result();
    assertThat(after.layersRun()).isPositive();
    requireOracle(second, "a good film", after.logits());
    activate("task", first);
    RowResult back = ask("task", "a good film").result();
    assertThat(back.layersRun()).isZero();
    assertThat(back.logits()).containsExactly(before);
    // The same bundle by another name says the same.
    activate("other", first);
    assertThat(ask("other", "a good film").result().logits()).containsExactly(before);
    requireOracle(first, "a good film", before);
  }

  @Test
  void askPassage_windowsThatAreKnown_areNotComputedAgain() {
    activate(
        "spans",
        bundles.proven(
            bundles
                .builder()
                .kind(TaskKind.ANSWER_SPAN)
                .textFields("question", "passage")
                .maxTokens(20)
                .adaptAt(1, 4)));
    String passage = TestingBackbone.text(new Random(3), 60);
    PassageAnswer computed = askPassage(passage);
    PassageAnswer kept = askPassage(passage);
    assertThat(computed.results()).hasSizeGreaterThan(3);
    assertThat(kept.results()).allMatch(row -> row.layersRun() == 0);
    for (int i = 0; i < kept.results().size(); i++) {
      assertThat(kept.results().get(i).logits())
          .containsExactly(computed.results().get(i).logits());
    }
  }

  @Test
  void ask_moreTextsThanThereIsRoomFor_keepsItsBound() {
    engine.close();
    engine = engine(5_000);
    activate("task", first);
    for (int i = 0; i < TestingBackbone.WORDS.size(); i++) {
      ask("task", TestingBackbone.WORDS.get(i));
      assertThat(engine.stats().responses().sizeBytes()).isBetween(1L, 5_000L);
    }
    assertThat(engine.stats().responses().evicted()).isPositive();
  }

  @Test
  void ask_withoutACache_computesEveryTime() {
    engine.close();
    engine = engine(0);
    activate("task", first);
    IntStream.range(0, 2)
        .forEach(turn -> assertThat(ask("task", "good").result().layersRun()).isPositive());
    assertThat(engine.stats().responses()).isEqualTo(CacheStats.OFF);
    assertThat(engine.stats().trunks()).isEqualTo(CacheStats.OFF);
  }

  private Engine engine(long cacheBytes) {
    return Engine.start(
        backbone, EngineSettings.defaults().withResponseCacheBytes(cacheBytes), runtime);
  }

  private void activate(String task, AdapterBundle bundle) {
    try (Built built = engine.build(task, bundle)) {
      engine.tasks().swap(built.take());
    }
  }

  private Answer ask(String task, String text) {
    try (Lease lease = engine.tasks().lease(task)) {
      return engine.ask(List.of(lease), "", text, null, null, null).get(0).answer().join();
    }
  }

  private PassageAnswer askPassage(String passage) {
    try (Lease lease = engine.tasks().lease("spans")) {
      return engine.askPassage(lease, "", "who was it", passage, 100, null).answer().join();
    }
  }

  private void requireOracle(AdapterBundle bundle, String text, float[] logits) {
    try (MergedModel oracle = bundles.oracle(bundle);
        BackboneTokenizer tokenizer = new BackboneTokenizer(backbone)) {
      Encoding tokens = tokenizer.encode(text, null, 32);
      float[] expected = oracle.logits(tokens.ids(), tokens.typeIds());
      for (int i = 0; i < expected.length; i++) {
        assertThat(logits[i]).isCloseTo(expected[i], within(1e-5f));
      }
    }
  }
}
