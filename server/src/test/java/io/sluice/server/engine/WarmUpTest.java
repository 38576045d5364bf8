package io.sluice.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.TestingBackbone;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WarmUpTest {
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
  void warmUp_liveTasks_makesTheirSessionsAndRunsThem() {
    live("low", 1, 1);
    live("high", 2, 4);
    live("lowAgain", 3, 1);
    engine.warmUp(Duration.ofMillis(300));
    // Two structures for three tasks.
    assertThat(engine.expressStats().compiled()).isEqualTo(2);
    assertThat(engine.expressStats().runs()).isPositive();
    assertThat(engine.expressStats().failed()).isZero();
  }

  @Test
  void warmUp_noTasksOrNoTime_doesNothing() {
    engine.warmUp(Duration.ofHours(1));
    live("low", 1, 1);
    engine.warmUp(Duration.ZERO);
    assertThat(engine.expressStats()).isEqualTo(new ExpressStats(0, 0, 0, 0, 0));
  }

  @Test
  void warmUp_roomForOneSession_makesOne() {
    live("low", 1, 1);
    engine.warmUp(Duration.ofMillis(100));
    long room = engine.expressStats().sizeBytes() * 3 / 2;
    engine.close();
    engine = Engine.start(backbone, EngineSettings.defaults().withExpressBytes(room), runtime);
    live("low", 1, 1);
    live("high", 2, 4);
    engine.warmUp(Duration.ofMillis(100));
    assertThat(engine.expressStats().sessions()).isEqualTo(1);
    assertThat(engine.expressStats().sizeBytes()).isBetween(1L, room);
  }

  private void live(String name, int seed, int... points) {
    try (Built built = engine.build(name, bundles.bundle(seed, points))) {
      engine.tasks().swap(built.take());
    }
  }
}
