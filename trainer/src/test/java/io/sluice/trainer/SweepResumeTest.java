package io.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.Digest;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.trainer.checkpoint.SweepCheckpoints;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.gate.Budget;
import io.sluice.trainer.history.Phase;
import io.sluice.trainer.testing.TestingBackbone;
import io.sluice.trainer.testing.TestingData;
import io.sluice.trainer.testing.TestingSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The oracle is the sweep that nobody stopped: the same bundles to the bit. */
class SweepResumeTest {
  private static final Duration NEVER = Duration.ofDays(1);
  private static final List<Budget> BUDGETS =
      List.of(new Budget.Points(3), new Budget.Points(2), new Budget.Points(1));

  @TempDir Path directory;
  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = TestingBackbone.make();
  private final Dataset train = TestingData.rows(120, 1);
  private final Dataset dev = TestingData.rows(40, 2);

  /** Stops are frozen after steps 28, 40 and 52, and end after 40, 52 and 64. */
  @ParameterizedTest
  @CsvSource({
    "1,1", "1,15", "1,28", "1,29", "1,40", "2,29", "2,40", "2,41", "2,52", "3,46", "3,52", "3,60",
    "3,64"
  })
  void resume_interruptedAtAStep_isTheUninterruptedSweepToTheBit(int stop, int step) {
    List<Digest> whole = digests(sweep(progress -> {}, 0, SweepCheckpoints.NONE));
    assertThatThrownBy(() -> sweep(at(step, Thread.currentThread()::interrupt), stop, kept(NEVER)))
        .isInstanceOfSatisfying(
            SluiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
    assertThat(Thread.interrupted()).isTrue();
    List<Integer> heard = new ArrayList<>();
    List<TrainResult> resumed =
        sweep(
            progress -> {
              if (progress.phase() != Phase.PROBE) {
                heard.add(progress.step());
              }
            },
            stop,
            kept(NEVER));
    assertThat(digests(resumed)).isEqualTo(whole);
    assertThat(resumed).extracting(TrainResult::cost).containsExactly(3L, 2L, 1L);
    assertThat(heard).allMatch(done -> done > step);
  }

  @Test
  void resume_interruptedOverAndOver_isTheUninterruptedSweepToTheBit() {
    List<TrainResult> whole = sweep(progress -> {}, 0, SweepCheckpoints.NONE);
    for (int stop = 1; stop <= BUDGETS.size(); stop++) {
      for (int step = 12 * stop; step <= 28 + 12 * stop; step += 7) {
        int at = step;
        try {
          sweep(at(at, Thread.currentThread()::interrupt), stop, kept(NEVER));
        } catch (SluiceException e) {
          assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED);
        }
        Thread.interrupted();
      }
    }
    List<TrainResult> resumed = sweep(progress -> {}, 0, kept(NEVER));
    assertThat(digests(resumed)).isEqualTo(digests(whole));
    for (int i = 0; i < whole.size(); i++) {
      assertThat(resumed.get(i).history()).isEqualTo(whole.get(i).history());
      assertThat(resumed.get(i).dev().measures()).isEqualTo(whole.get(i).dev().measures());
      assertThat(resumed.get(i).steps()).isEqualTo(whole.get(i).steps());
    }
  }

  @ParameterizedTest
  @CsvSource({"1,3", "1,35", "2,33", "2,45", "3,50", "3,61"})
  void resume_crashedWithoutWarning_isTheUninterruptedSweepToTheBit(int stop, int step) {
    List<Digest> whole = digests(sweep(progress -> {}, 0, SweepCheckpoints.NONE));
    Runnable crash =
        () -> {
          throw new IllegalStateException("crash");
        };
    assertThatThrownBy(() -> sweep(at(step, crash), stop, kept(Duration.ZERO))).hasMessage("crash");
    assertThat(digests(sweep(progress -> {}, 0, kept(NEVER)))).isEqualTo(whole);
  }

  @Test
  void resume_finished_runsNoStepAndGivesTheSameBundles() {
    List<Digest> whole = digests(sweep(progress -> {}, 0, kept(NEVER)));
    List<Integer> heard = new ArrayList<>();
    for (int stop = 1; stop <= BUDGETS.size(); stop++) {
      List<TrainResult> again =
          sweep(
              progress -> {
                if (progress.phase() != Phase.PROBE) {
                  heard.add(progress.step());
                }
              },
              stop,
              kept(NEVER));
      assertThat(digests(again)).isEqualTo(whole);
    }
    assertThat(heard).isEmpty();
  }

  @Test
  void resume_otherBudgets_isRefused() {
    sweep(progress -> {}, 0, kept(NEVER));
    assertThatThrownBy(
            () ->
                new Trainer(runtime)
                    .sweep(
                        backbone,
                        train,
                        dev,
                        settings(),
                        BUDGETS.subList(0, 2),
                        listener(progress -> {}, 0),
                        kept(NEVER)))
        .isInstanceOfSatisfying(
            SluiceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION))
        .hasMessageContaining("sweep: [3 points, 2 points] (expected: [3 points, 2 points, 1 p");
  }

  private static Consumer<Progress> at(int step, Runnable event) {
    return progress -> {
      if (progress.phase() != Phase.PROBE && progress.step() == step) {
        event.run();
      }
    };
  }

  private SweepCheckpoints kept(Duration every) {
    return SweepCheckpoints.in(directory.resolve("checkpoints"), every);
  }

  private static List<Digest> digests(List<TrainResult> results) {
    return results.stream().map(result -> result.bundle().digest()).toList();
  }

  /** A sweep, one of whose stops is listened to. */
  private List<TrainResult> sweep(
      Consumer<Progress> heard, int stop, SweepCheckpoints checkpoints) {
    return new Trainer(runtime)
        .sweep(backbone, train, dev, settings(), BUDGETS, listener(heard, stop), checkpoints);
  }

  private static SweepListener listener(Consumer<Progress> heard, int listenedTo) {
    return new SweepListener() {
      @Override
      public ProgressListener begins(int stop, Budget budget) {
        return stop == listenedTo ? heard::accept : ProgressListener.SILENT;
      }

      @Override
      public void reached(int stop, TrainResult result) {}
    };
  }

  private static TrainSettings settings() {
    return TestingSettings.patient(40).schedule(s -> s.searchShare(0.7)).build();
  }
}
