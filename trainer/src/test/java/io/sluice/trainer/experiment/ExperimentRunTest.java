package io.sluice.trainer.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.trainer.TrainSettings;
import io.sluice.trainer.experiment.summary.ExperimentReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which cells are run, by whom and how often; what trains is counted, not trained. */
class ExperimentRunTest {
  @TempDir Path directory;

  private final List<Cell> run = Collections.synchronizedList(new ArrayList<>());

  @Test
  void run_plansOfSeveralSizes_longestFirstAndEachOnce() {
    List<CellPlan> plans = plans(2, 3);
    experiment((plan, folder, listener) -> counted(plan), ExperimentFolder.create(directory))
        .run(plans, 1);
    assertThat(run).hasSize(6).doesNotHaveDuplicates();
    assertThat(run.get(0).variant()).isEqualTo("v1");
    assertThat(run.get(5).variant()).isEqualTo("v0");
  }

  @Test
  void run_stoppedHalfWay_goesOnWithWhatIsLeft() throws Exception {
    ExperimentFolder folder = ExperimentFolder.create(directory);
    List<CellPlan> plans = plans(3, 2);
    CountDownLatch third = new CountDownLatch(1);
    AtomicReference<Throwable> ended = new AtomicReference<>();
    Thread first =
        new Thread(
            () -> {
              try {
                experiment(
                        (plan, cell, listener) -> {
                          if (run.size() < 2) {
                            return counted(plan);
                          }
                          third.countDown();
                          try {
                            new CountDownLatch(1).await();
                          } catch (InterruptedException e) {
                            throw new SluiceException(ErrorCode.CANCELLED, "stopped", e);
                          }
                          throw new IllegalStateException();
                        },
                        folder)
                    .run(plans, 1);
              } catch (SluiceException e) {
                ended.set(e);
              }
            });
    first.start();
    third.await();
    first.interrupt();
    first.join();
    assertThat(ended.get())
        .isInstanceOfSatisfying(
            SluiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
    assertThat(plans).noneMatch(plan -> folder.failure(plan.cell()) != null);
    assertThat(folder.results(cells(plans))).hasSize(2);

    experiment((plan, cell, listener) -> counted(plan), ExperimentFolder.create(directory))
        .run(plans, 1);
    assertThat(run).hasSize(6).doesNotHaveDuplicates();
    assertThat(folder.results(cells(plans))).hasSize(6);
  }

  @Test
  void run_cellThatFails_isWrittenDownAndTheOthersGoOnAndItIsTriedAgain() {
    ExperimentFolder folder = ExperimentFolder.create(directory);
    List<CellPlan> plans = plans(2, 2);
    Cell bad = plans.get(1).cell();
    List<Cell> failed = new ArrayList<>();
    ExperimentListener listener =
        new ExperimentListener() {
          @Override
          public void failed(CellPlan plan, String reason) {
            failed.add(plan.cell());
          }
        };
    new ExperimentRun(
            (plan, cell, heard) -> {
              if (plan.cell().equals(bad)) {
                throw new IllegalStateException("no memory left on this card");
              }
              return counted(plan);
            },
            folder,
            listener,
            Clock.systemUTC())
        .run(plans, 2);
    assertThat(failed).containsExactly(bad);
    assertThat(run).hasSize(3);
    assertThat(folder.failure(bad)).startsWith("no memory left on this card").contains("at io.");
    folder.save(suite());
    ExperimentReport report = ExperimentReport.of(folder);
    assertThat(report.failures()).containsOnlyKeys(bad);
    assertThat(report.results()).hasSize(3);

    experiment((plan, cell, heard) -> counted(plan), folder).run(plans, 1);
    assertThat(folder.failure(bad)).isNull();
    assertThat(run).hasSize(4).doesNotHaveDuplicates();
  }

  @Test
  void run_resultsOfOtherSettings_areNotPutBesideOurs() {
    ExperimentFolder folder = ExperimentFolder.create(directory);
    List<CellPlan> plans = plans(1, 1);
    experiment((plan, cell, heard) -> counted(plan), folder).run(plans, 1);
    CellPlan other =
        new CellPlan(
            plans.get(0).cell(),
            plans.get(0).settings().toBuilder()
                .optimizer(optimizer -> optimizer.batchSize(64))
                .build(),
            false,
            1);
    assertThatThrownBy(() -> experiment((p, c, l) -> counted(p), folder).run(List.of(other), 1))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("t0/v0/seed-1: batch_size: 64 (expected: 16)");
  }

  @Test
  void claim_heldByAnotherProcess_isNotGivenUntilItEnds() throws Exception {
    ExperimentFolder folder = ExperimentFolder.create(directory);
    Cell cell = new Cell("t0", "v0", 1);
    Process other = holder(folder.folder(cell));
    try {
      assertThat(other.getInputStream().read()).isEqualTo('L');
      assertThat(folder.claim(cell)).isNull();
      List<Boolean> passed = new ArrayList<>();
      new ExperimentRun(
              (plan, c, l) -> counted(plan),
              folder,
              new ExperimentListener() {
                @Override
                public void passed(CellPlan plan, boolean done) {
                  passed.add(done);
                }
              },
              Clock.systemUTC())
          .run(plans(1, 2), 1);
      assertThat(passed).containsExactly(false);
      assertThat(run).containsExactly(new Cell("t0", "v0", 2));
    } finally {
      other.destroyForcibly().waitFor();
    }
    try (ExperimentFolder.Claimed claimed = folder.claim(cell)) {
      assertThat(claimed).isNotNull();
      assertThat(folder.claim(cell)).isNull();
    }
  }

  /** A process of its own that holds a cell's lock until it is killed. */
  private Process holder(Path cell) throws IOException {
    Files.createDirectories(cell);
    Path source = directory.resolve("Holder.java");
    Files.writeString(
        source,
        """
        import java.io.RandomAccessFile;
        class Holder {
          public static void main(String[] arguments) throws Exception {
            try (RandomAccessFile file = new RandomAccessFile(arguments[0], "rw")) {
              file.getChannel().lock();
              System.out.write('L');
              System.out.flush();
              System.in.read();
            }
          }
        }
        """);
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            source.toString(),
            cell.resolve("lock").toString())
        .start();
  }

  private ExperimentRun experiment(CellTrainer trainer, ExperimentFolder folder) {
    return new ExperimentRun(trainer, folder, new ExperimentListener() {}, Clock.systemUTC());
  }

  private CellResult counted(CellPlan plan) {
    run.add(plan.cell());
    return TestingResults.of(plan);
  }

  private static List<CellPlan> plans(int variants, int seeds) {
    List<CellPlan> plans = new ArrayList<>();
    for (int variant = 0; variant < variants; variant++) {
      for (long seed = 1; seed <= seeds; seed++) {
        plans.add(
            new CellPlan(
                new Cell("t0", "v" + variant, seed),
                TrainSettings.defaults().toBuilder().seed(seed).build(),
                false,
                variant + 1));
      }
    }
    return plans;
  }

  private static List<Cell> cells(List<CellPlan> plans) {
    return plans.stream().map(CellPlan::cell).toList();
  }

  private static Suite suite() {
    return new Suite(
        "counted",
        "Counted",
        List.of("t0"),
        List.copyOf(Set.of("v0", "v1")),
        List.of(1L, 2L),
        List.of(),
        Suite.Chart.DOTS);
  }
}
