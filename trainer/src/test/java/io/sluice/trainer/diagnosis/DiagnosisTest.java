package io.sluice.trainer.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.trainer.history.Phase;
import io.sluice.trainer.testing.TestingHistory;
import java.util.List;
import org.junit.jupiter.api.Test;

class DiagnosisTest {
  private static final Outcome GOOD = new Outcome("accuracy", 0.8, 0.7, 500);

  @Test
  void of_soundRun_findsNothing() {
    assertThat(Diagnosis.of(TestingHistory.sound().make(), GOOD)).isEmpty();
  }

  @Test
  void of_lossAboveWhatMoreCandidatesReached_isTheBudget() {
    TestingHistory history =
        TestingHistory.sound()
            .budget(2000)
            .loss(
                step ->
                    step < TestingHistory.RAMP
                        ? 1.2 - 0.02 * step
                        : step < TestingHistory.HOLD ? 0.45 : 0.8);
    assertThat(found(history, GOOD))
        .singleElement()
        .isInstanceOfSatisfying(
            PoorAtLowBudget.class,
            poor -> {
              assertThat(poor.share()).isEqualTo(2.0 / 12);
              assertThat(poor.richLoss()).isBetween(0.4, 0.5);
              assertThat(poor.finalLoss()).isBetween(0.75, 0.85);
            });
  }

  @Test
  void of_sameLossUnderALooseBudget_isNotTheBudget() {
    TestingHistory history =
        TestingHistory.sound().budget(7000).loss(step -> step < TestingHistory.HOLD ? 0.5 : 0.62);
    assertThat(found(history, GOOD)).isEmpty();
  }

  @Test
  void of_spikes_areUnstableLoss() {
    TestingHistory history =
        TestingHistory.sound()
            .loss(step -> step > 100 && step % 37 == 0 ? 2.5 : 0.3 + 0.9 * Math.exp(-step / 60.0));
    assertThat(found(history, GOOD))
        .singleElement()
        .isInstanceOfSatisfying(
            UnstableLoss.class,
            unstable -> {
              // Steps 111, 148, 185, 222, 259, 296, 333 and 370.
              assertThat(unstable.spikes()).isEqualTo(8);
              assertThat(unstable.risen()).isNull();
              assertThat(unstable.evidence()).isEqualTo("8 of 400 steps are spikes");
            });
  }

  @Test
  void of_twoSpikes_areChance() {
    TestingHistory history =
        TestingHistory.sound()
            .loss(step -> step == 150 || step == 300 ? 2.5 : 0.3 + 0.9 * Math.exp(-step / 60.0));
    assertThat(found(history, GOOD)).isEmpty();
  }

  @Test
  void of_lossRisingWhileTheBudgetStandsStill_isUnstableThere() {
    TestingHistory history =
        TestingHistory.sound()
            .loss(
                step ->
                    step < 200 || step >= TestingHistory.FREEZE
                        ? 0.3 + 0.9 * Math.exp(-step / 60.0)
                        : 0.3 + 0.01 * (step - 200));
    assertThat(found(history, GOOD))
        .singleElement()
        .isInstanceOfSatisfying(
            UnstableLoss.class,
            unstable -> {
              assertThat(unstable.risen()).isEqualTo(Phase.HOLD);
              assertThat(unstable.to()).isGreaterThan(unstable.from() + 0.4);
            });
  }

  @Test
  void of_swingingGates_areUnstableGates() {
    TestingHistory history =
        TestingHistory.sound()
            .gates(
                (i, step) ->
                    i < 2 && step >= TestingHistory.RAMP
                        ? 0.5 + 0.35 * Math.sin(step / 8.0)
                        : i % 3 == 2 ? 0.95 : 0.05);
    assertThat(found(history, GOOD))
        .singleElement()
        .isInstanceOfSatisfying(
            UnstableGates.class, unstable -> assertThat(unstable.swinging()).isEqualTo(2));
  }

  @Test
  void swings_countTurnsOfTheAmplitudeOnly() {
    assertThat(UnstableGates.swings(new double[] {0.9, 0.7, 0.5, 0.3, 0.1})).isEqualTo(1);
    assertThat(UnstableGates.swings(new double[] {0.2, 0.6, 0.2, 0.6})).isEqualTo(3);
    assertThat(UnstableGates.swings(new double[] {0.2, 0.4, 0.2, 0.4, 0.2})).isZero();
    assertThat(UnstableGates.swings(new double[] {0.5, 0.9, 0.7, 0.95, 0.6})).isEqualTo(2);
  }

  @Test
  void of_gainWithinOneDeviation_isNoGainAndTheReasonIsToldApart() {
    Outcome none = new Outcome("accuracy", 0.71, 0.7, 500);
    assertThat(reason(TestingHistory.sound(), none))
        .isEqualTo(NoGainOverProbe.Reason.NOT_CARRIED_OVER);
    assertThat(reason(TestingHistory.sound().loss(step -> 0.6), none))
        .isEqualTo(NoGainOverProbe.Reason.NOT_LEARNED);
    assertThat(reason(TestingHistory.sound(), new Outcome("accuracy", 0.988, 0.985, 500)))
        .isEqualTo(NoGainOverProbe.Reason.SOLVED);
  }

  @Test
  void of_noProbe_saysNothingOfGain() {
    Outcome unknown = new Outcome("accuracy", 0.8, Double.NaN, 500);
    assertThat(Diagnosis.of(TestingHistory.sound().make(), unknown)).isEmpty();
  }

  @Test
  void deviation_isTheBinomialOnesAndNeverZero() {
    assertThat(new Outcome("accuracy", 0.5, 0, 100).deviation()).isEqualTo(0.05);
    assertThat(new Outcome("accuracy", 1, 0, 100).deviation()).isBetween(0.005, 0.01);
  }

  @Test
  void of_fiveGatesInTwelveUndecidedAtTheFreeze_areFound() {
    TestingHistory history =
        TestingHistory.sound()
            .gates(
                (i, step) ->
                    step < TestingHistory.RAMP ? 1 : i < 5 ? 0.4 : i % 3 == 2 ? 0.95 : 0.05);
    assertThat(found(history, GOOD))
        .singleElement()
        .isInstanceOfSatisfying(
            UndecidedGates.class,
            undecided -> {
              assertThat(undecided.undecided()).containsExactly(0, 1, 2, 3, 4);
              assertThat(undecided.surviving()).isEqualTo(1);
              assertThat(undecided.evidence())
                  .isEqualTo("5 of 12 gates had P(open) between 0.25 and 0.75; 1 of them survived");
            });
  }

  @Test
  void of_devLossThatTurnsUp_isOverfitting() {
    double[] scores = {0.78, 0.79, 0.8, 0.79, 0.79};
    assertThat(
            found(
                TestingHistory.sound().dev(new double[] {0.5, 0.48, 0.5, 0.55, 0.6}, scores), GOOD))
        .singleElement()
        .isInstanceOfSatisfying(
            Overfitting.class,
            over -> {
              assertThat(over.leastDevLoss()).isEqualTo(0.48);
              assertThat(over.lastDevLoss()).isEqualTo(0.6);
            });
    double nan = Double.NaN;
    double[] unmeasured = {nan, nan, nan, nan, nan};
    double[] falling = {0.78, 0.8, 0.79, 0.77, 0.75};
    assertThat(found(TestingHistory.sound().dev(unmeasured, falling), GOOD))
        .singleElement()
        .isInstanceOf(Overfitting.class);
    assertThat(found(TestingHistory.sound().dev(unmeasured, scores), GOOD)).isEmpty();
  }

  @Test
  void of_devLossThreeTimesTheTrainingLoss_isOverfitting() {
    double[] scores = {0.8, 0.8, 0.8, 0.8, 0.8};
    double[] flat = {0.95, 0.95, 0.95, 0.95, 0.95};
    assertThat(found(TestingHistory.sound().dev(flat, scores), GOOD))
        .singleElement()
        .isInstanceOf(Overfitting.class);
  }

  @Test
  void of_everyFinding_saysWhatShowsItWhyAndWhatHelps() {
    TestingHistory history =
        TestingHistory.sound()
            .budget(2000)
            .loss(step -> step < TestingHistory.HOLD ? 0.2 : 0.5 + (step % 9 == 0 ? 2 : 0))
            .gates((i, step) -> 0.5 + 0.25 * Math.sin(step / 8.0))
            .dev(new double[] {1, 2, 3, 4, 9}, new double[] {0.9, 0.8, 0.7, 0.6, 0.5});
    List<Finding> found = found(history, new Outcome("accuracy", 0.7, 0.7, 500));
    assertThat(found).hasSizeGreaterThanOrEqualTo(5);
    assertThat(found)
        .allSatisfy(
            finding ->
                assertThat(
                        List.of(
                            finding.title(), finding.evidence(), finding.cause(), finding.remedy()))
                    .allMatch(text -> text.length() > 10 && !text.contains("NaN")));
  }

  private static List<Finding> found(TestingHistory history, Outcome outcome) {
    return Diagnosis.of(history.make(), outcome);
  }

  private static NoGainOverProbe.Reason reason(TestingHistory history, Outcome outcome) {
    return found(history, outcome).stream()
        .filter(NoGainOverProbe.class::isInstance)
        .map(NoGainOverProbe.class::cast)
        .findFirst()
        .orElseThrow()
        .reason();
  }
}
