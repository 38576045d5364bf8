package io.sluice.trainer;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.bundle.BundleReader;
import io.sluice.registry.bundle.BundleWriter;
import io.sluice.registry.bundle.PointEntry;
import io.sluice.registry.probe.ProbeCheck;
import io.sluice.trainer.checkpoint.CheckpointFolder;
import io.sluice.trainer.checkpoint.Checkpoints;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.gate.Budget;
import io.sluice.trainer.history.Phase;
import io.sluice.trainer.metric.Metric;
import io.sluice.trainer.model.AdapterForm;
import io.sluice.trainer.model.Candidate;
import io.sluice.trainer.model.Placement;
import io.sluice.trainer.testing.NothingLeftOpen;
import io.sluice.trainer.testing.TestingBackbone;
import io.sluice.trainer.testing.TestingData;
import io.sluice.trainer.testing.TestingSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Structures that no search finds; the oracle of the fixed one is to try all there are. */
@ExtendWith(NothingLeftOpen.class)
class MethodTest {
  private static final int STEPS = 40;
  private static final int POINTS = TestingBackbone.POINTS;

  @TempDir Path directory;
  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = TestingBackbone.make();
  private final Dataset train = TestingData.rows(120, 1);
  private final Dataset dev = TestingData.rows(40, 2);

  private static long adapter(int rank) {
    return 2L * TestingBackbone.HIDDEN * rank + rank + TestingBackbone.HIDDEN;
  }

  @Test
  void fixed_anyParameterBudget_isTheGreatestRankThatFitsEverywhere() {
    for (long budget = adapter(1); budget < 3000; budget += 7) {
      StructurePlan plan = plan(Method.FIXED, new Budget.Parameters(budget));
      int points = 0;
      int rank = 0;
      for (int p = 1; p <= POINTS; p++) {
        for (int r = 1; r < 1024; r++) {
          boolean better = p > points || r > rank;
          if (p * adapter(r) <= budget && better) {
            rank = p > points ? r : Math.max(rank, r);
            points = p;
          }
        }
      }
      assertThat(chosen(plan)).as("%d", budget).hasSize(points);
      for (Candidate candidate : chosen(plan)) {
        assertThat(candidate.kind().rank()).as("%d", budget).isEqualTo(rank);
      }
      assertThat(cost(plan)).isEqualTo(points * adapter(rank)).isLessThanOrEqualTo(budget);
    }
  }

  @Test
  void fixed_budgetInPointsOrCandidates_isSpreadFromTheTopInTheGreatestRankAskedFor() {
    StructurePlan two = plan(Method.FIXED, new Budget.Points(2));
    assertThat(chosen(two)).extracting(Candidate::point).containsExactly(2, 4);
    assertThat(chosen(two)).allMatch(candidate -> candidate.kind().rank() == 4);
    StructurePlan three = plan(Method.FIXED, new Budget.Sparsity(0.25));
    assertThat(chosen(three)).extracting(Candidate::point).containsExactly(2, 3, 4);
    Budget both = new Budget.All(List.of(new Budget.Points(2), new Budget.Parameters(500)));
    assertThat(chosen(plan(Method.FIXED, both)))
        .hasSize(2)
        .allMatch(candidate -> candidate.kind().rank() == 14);
    assertThat(2 * adapter(14)).isLessThanOrEqualTo(500).isGreaterThan(2 * adapter(13));
    assertThat(2 * adapter(15)).isGreaterThan(500);
  }

  @ParameterizedTest
  @CsvSource({"24,1,23", "24,2,11 23", "24,5,4 9 14 19 23", "7,3,2 4 6", "5,5,0 1 2 3 4"})
  void spread_anyCount_keepsTheLastAndEqualDistances(int places, int count, String expected) {
    BitSet chosen = FixedStructure.spread(places, count);
    assertThat(chosen.cardinality()).isEqualTo(count);
    assertThat(chosen.stream().boxed().map(String::valueOf).toList())
        .isEqualTo(List.of(expected.split(" ")));
  }

  @Test
  void fixed_budgetBelowTheLeastRank_isRefusedWithTheLeastFeasible() {
    assertThatThrownBy(() -> plan(Method.FIXED, new Budget.Parameters(adapter(1) - 1)))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("24 parameters (expected: >= 25, the cheapest candidate");
  }

  @Test
  void fixed_unrankedFormAndPlacement_areKept() {
    TrainSettings settings =
        settings(Method.FIXED, new Budget.Parameters(1000)).toBuilder()
            .search(s -> s.forms(EnumSet.of(AdapterForm.SCALE_SHIFT)).ranks(Set.of()))
            .build();
    StructurePlan plan = StructurePlan.of(backbone, settings);
    assertThat(chosen(plan)).hasSize(POINTS).allMatch(candidate -> candidate.kind().rank() == 0);
    TrainSettings layers =
        settings.toBuilder().search(s -> s.placement(Placement.LAYER_WISE)).build();
    assertThat(chosen(StructurePlan.of(backbone, layers)))
        .extracting(Candidate::point)
        .isEqualTo(Placement.LAYER_WISE.points(backbone));
  }

  @Test
  void random_manySeeds_fillTheBudgetAndDifferAndRepeat() {
    Set<BitSet> seen = new HashSet<>();
    Budget budget = new Budget.Parameters(2 * adapter(4) + 30);
    for (long seed = 1; seed <= 40; seed++) {
      long drawn = seed;
      TrainSettings settings =
          settings(Method.RANDOM, budget).toBuilder()
              .seed(drawn)
              .search(s -> s.forms(EnumSet.allOf(AdapterForm.class)).ranks(Set.of(1, 4)))
              .build();
      StructurePlan plan = StructurePlan.of(backbone, settings);
      BitSet chosen = requireNonNull(plan.chosen());
      assertThat(plan.budget().allows(chosen)).as("seed %d", seed).isTrue();
      for (int i = chosen.nextClearBit(0);
          i < plan.space().size();
          i = chosen.nextClearBit(i + 1)) {
        BitSet more = (BitSet) chosen.clone();
        more.set(i);
        assertThat(plan.budget().allows(more)).as("seed %d candidate %d", seed, i).isFalse();
      }
      assertThat(StructurePlan.of(backbone, settings).chosen()).isEqualTo(chosen);
      seen.add(chosen);
    }
    assertThat(seen).hasSizeGreaterThan(20);
  }

  @ParameterizedTest
  @EnumSource(Method.class)
  void train_anyMethod_meetsItsBudgetAndRepeatsToTheBit(Method method) {
    Budget budget = new Budget.Parameters(2 * adapter(4));
    List<Phase> phases = new ArrayList<>();
    TrainResult first =
        run(settings(method, budget), progress -> phases.add(progress.phase()), Checkpoints.NONE);
    AdapterBundle bundle = first.bundle();
    long parameters =
        bundle.manifest().structure().stream().mapToLong(PointEntry::parameters).sum();
    if (method.budgeted()) {
      assertThat(first.cost()).isLessThanOrEqualTo(2 * adapter(4));
      assertThat(parameters).isPositive().isLessThanOrEqualTo(2 * adapter(4));
    }
    if (method == Method.EVERYWHERE) {
      assertThat(first.cost()).isEqualTo(POINTS * adapter(4)).isEqualTo(first.budget());
      assertThat(parameters).isEqualTo(first.cost());
    }
    assertThat(bundle.points().isEmpty()).isEqualTo(method == Method.HEAD_ONLY);
    assertThat(phases.contains(Phase.HOLD)).isEqualTo(method.searches());
    assertThat(first.steps()).isEqualTo(STEPS);
    assertThat(first.history().searched()).isEqualTo(method.searches());
    assertThat(bundle.manifest().provenance().hyperParameters())
        .containsEntry("method", method.word());
    // The best of all evaluations; at step 0 only a head alone is worth keeping.
    assertThat(first.history().scores())
        .isNotEmpty()
        .filteredOn(score -> score.step() > 0 || method == Method.HEAD_ONLY)
        .allMatch(score -> score.metric("accuracy") <= first.dev().of(Metric.ACCURACY));
    TrainResult again = run(settings(method, budget), ProgressListener.SILENT, Checkpoints.NONE);
    assertThat(again.bundle().digest()).isEqualTo(bundle.digest());
  }

  @ParameterizedTest
  @EnumSource(names = {"FIXED", "RANDOM", "EVERYWHERE"})
  void train_tooShortToBeatTheProbe_deliversTheWholeStructureAllTheSame(Method method) {
    TrainSettings settings =
        settings(method, new Budget.Parameters(3 * adapter(4))).toBuilder()
            .optimizer(optimizer -> optimizer.learningRate(1e-5))
            .schedule(schedule -> schedule.steps(20).patience(2))
            .build();
    TrainResult result = run(settings, ProgressListener.SILENT, Checkpoints.NONE);
    assertThat(result.parameters().adapters()).isEqualTo(result.cost()).isPositive();
    assertThat(result.history().scores().get(0).best()).isFalse();
    assertThat(result.history().scores().get(1).best()).isTrue();
  }

  @Test
  void train_everyMethod_givesABundleThatIsReadAndAnswersAsItDid() {
    for (Method method : Method.values()) {
      TrainResult result =
          run(
              settings(method, new Budget.Parameters(2 * adapter(4))),
              ProgressListener.SILENT,
              Checkpoints.NONE);
      Path file = directory.resolve(method.word() + ".bundle");
      BundleWriter.save(result.bundle(), file);
      AdapterBundle read = BundleReader.read(file, BundleLimits.defaults());
      assertThat(read.digest()).isEqualTo(result.bundle().digest());
      try (BackboneSessions sessions = BackboneSessions.open(backbone, runtime)) {
        assertThat(ProbeCheck.run(sessions, read, runtime).error()).isLessThanOrEqualTo(1e-4);
      }
    }
  }

  @Test
  void train_fixedEverywhereWithTime_beatsTheProbe() {
    TrainSettings settings =
        settings(Method.FIXED, new Budget.Parameters(POINTS * adapter(4))).toBuilder()
            .schedule(s -> s.steps(300))
            .build();
    TrainResult result =
        new Trainer(runtime)
            .train(
                backbone,
                TestingData.rows(300, 1),
                TestingData.rows(100, 2),
                settings,
                ProgressListener.SILENT);
    assertThat(result.dev().of(Metric.ACCURACY))
        .isGreaterThan(result.probe().of(Metric.ACCURACY) + 0.1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 17, 39})
  void resume_structuresSetBefore_areTheUninterruptedRunToTheBit(int step) {
    for (Method method : List.of(Method.FIXED, Method.RANDOM, Method.HEAD_ONLY)) {
      TrainSettings settings = settings(method, new Budget.Parameters(2 * adapter(4)));
      TrainResult whole = run(settings, ProgressListener.SILENT, Checkpoints.NONE);
      Path folder = directory.resolve(method.word());
      assertThatThrownBy(() -> run(settings, interrupting(step), checkpoints(folder)))
          .hasMessageContaining("interrupted");
      assertThat(Thread.interrupted()).isTrue();
      TrainResult resumed = run(settings, ProgressListener.SILENT, checkpoints(folder));
      assertThat(resumed.bundle().digest()).isEqualTo(whole.bundle().digest());
      assertThat(resumed.history()).isEqualTo(whole.history());
    }
  }

  @Test
  void learningRate_structureSetBefore_risesThenFallsFromThePeak() {
    List<Double> rates = new ArrayList<>();
    run(
        settings(Method.HEAD_ONLY, new Budget.Points(1)),
        progress -> {
          if (progress.phase() != Phase.PROBE) {
            rates.add(progress.learningRate());
          }
        },
        Checkpoints.NONE);
    assertThat(rates).hasSize(STEPS);
    assertThat(rates.get(0)).isEqualTo(0.005);
    assertThat(rates.get(1)).isEqualTo(0.01);
    assertThat(rates.get(2)).isEqualTo(0.01);
    for (int i = 3; i < STEPS; i++) {
      assertThat(rates.get(i)).isLessThan(rates.get(i - 1)).isPositive();
    }
  }

  @Test
  void train_lengthInEpochs_isThatOfItsSteps() {
    TrainSettings settings = settings(Method.FIXED, new Budget.Points(1));
    // 120 rows in batches of 16 are 8 steps.
    assertThat(steps(settings, 4, 1)).isEqualTo(32);
    assertThat(steps(settings, 9, 3)).isEqualTo(24);
    assertThat(steps(settings, 1, 1)).isEqualTo(ScheduleSettings.LEAST_STEPS);
    TrainSettings learned = settings(Method.LEARNED, new Budget.Points(1));
    assertThat(steps(learned, 4, 1)).isEqualTo(32);
  }

  private int steps(TrainSettings settings, int epochs, int accumulation) {
    TrainSettings inEpochs =
        settings.toBuilder()
            .schedule(s -> s.steps(null).epochs(epochs))
            .optimizer(o -> o.accumulation(accumulation))
            .build();
    TrainResult result = run(inEpochs, ProgressListener.SILENT, Checkpoints.NONE);
    assertThat(result.bundle().manifest().provenance().hyperParameters())
        .containsEntry("epochs", Integer.toString(epochs))
        .containsEntry("steps", Integer.toString(result.steps()));
    return result.steps();
  }

  @Test
  void train_lowerGateTemperature_isAnotherRunAndSaidInTheBundle() {
    TrainSettings settings = settings(Method.LEARNED, new Budget.Parameters(2 * adapter(4)));
    TrainSettings colder =
        settings.toBuilder().search(search -> search.gateTemperature(0.3)).build();
    TrainResult result = run(colder, ProgressListener.SILENT, Checkpoints.NONE);
    assertThat(result.cost()).isLessThanOrEqualTo(result.budget());
    assertThat(result.bundle().manifest().provenance().hyperParameters())
        .containsEntry("gate_temperature", "0.3");
    TrainResult usual = run(settings, ProgressListener.SILENT, Checkpoints.NONE);
    assertThat(result.history().gates()).isNotEqualTo(usual.history().gates());
    // The open phase has no gates to speak of: both begin alike.
    assertThat(result.history().spans().get(0)).isEqualTo(usual.history().spans().get(0));
  }

  @Test
  void sweep_anyMethodButTheSearch_isRefused() {
    assertThatThrownBy(
            () ->
                new Trainer(runtime)
                    .sweep(
                        backbone,
                        train,
                        dev,
                        settings(Method.FIXED, new Budget.Points(1)),
                        List.of(new Budget.Points(2)),
                        new Unheard()))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("method: fixed (expected: learned");
  }

  private static ProgressListener interrupting(int step) {
    return progress -> {
      if (progress.phase() != Phase.PROBE && progress.step() == step) {
        Thread.currentThread().interrupt();
      }
    };
  }

  private static Checkpoints checkpoints(Path folder) {
    return new CheckpointFolder(folder, Duration.ofDays(1), System::nanoTime);
  }

  private StructurePlan plan(Method method, Budget budget) {
    return StructurePlan.of(backbone, settings(method, budget));
  }

  private static List<Candidate> chosen(StructurePlan plan) {
    return requireNonNull(plan.chosen()).stream().mapToObj(plan.space().candidates()::get).toList();
  }

  private static long cost(StructurePlan plan) {
    return plan.budget().first().of(requireNonNull(plan.chosen()));
  }

  private TrainResult run(
      TrainSettings settings, ProgressListener listener, Checkpoints checkpoints) {
    return new Trainer(runtime).train(backbone, train, dev, settings, listener, checkpoints);
  }

  private static TrainSettings settings(Method method, Budget budget) {
    return TestingSettings.patient(STEPS)
        .budget(budget)
        .search(search -> search.method(method))
        .build();
  }

  /** Told of nothing, for there is nothing to tell. */
  private static final class Unheard implements SweepListener {
    @Override
    public ProgressListener begins(int stop, Budget budget) {
      return ProgressListener.SILENT;
    }

    @Override
    public void reached(int stop, TrainResult result) {}
  }
}
