package io.sluice.trainer.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.SluiceException;
import java.util.BitSet;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Measures against figures worked out by hand. */
class EvaluationTest {
  private static final Offset<Double> EXACT = within(1e-12);

  @Test
  void labelCounts_threeRows_asByHand() {
    LabelCounts counts =
        LabelCounts.of(List.of(set(0, 1), set(1), set()), List.of(set(0), set(1, 2), set()), 3);
    // 2 right, label 1 missed once, label 2 given once too often.
    assertThat(counts.microF1()).isCloseTo(4.0 / 6, EXACT);
    assertThat(counts.macroF1()).isCloseTo((1 + 2.0 / 3 + 0) / 3, EXACT);
    assertThat(counts.exactMatch()).isCloseTo(1.0 / 3, EXACT);
    assertThat(counts.total()).isEqualTo(3);
    assertThat(counts.of(counts.primary())).isEqualTo(counts.microF1());
  }

  @Test
  void valueFit_fourRowsWithATie_asByHand() {
    ValueFit fit = ValueFit.of(new double[] {1, 2, 3, 4}, new double[] {2, 4, 5, 4});
    assertThat(fit.pearson()).isCloseTo(3.5 / Math.sqrt(5 * 4.75), EXACT);
    assertThat(fit.spearman()).isCloseTo(3 / Math.sqrt(5 * 4.5), EXACT);
    assertThat(fit.meanSquaredError()).isCloseTo(9.0 / 4, EXACT);
    assertThat(fit.meanAbsoluteError()).isCloseTo(5.0 / 4, EXACT);
  }

  @Test
  void valueFit_constantAnswers_correlationIsZero() {
    ValueFit fit = ValueFit.of(new double[] {1, 2}, new double[] {3, 3});
    assertThat(fit.pearson()).isZero();
    assertThat(fit.spearman()).isZero();
  }

  @Test
  void spanOverlap_wordsCaseAndArticles_asSquadCountsThem() {
    assertThat(SpanOverlap.exactMatch(List.of("the Cat sat."), "A cat, sat")).isEqualTo(1);
    assertThat(SpanOverlap.exactMatch(List.of("the Cat sat."), "cat sat down")).isZero();
    assertThat(SpanOverlap.f1(List.of("the Cat sat."), "cat sat down")).isCloseTo(0.8, EXACT);
    assertThat(SpanOverlap.f1(List.of("to be or not to be"), "to to to")).isCloseTo(4.0 / 9, EXACT);
    assertThat(SpanOverlap.f1(List.of("dog", "cat"), "cat")).isEqualTo(1);
  }

  @Test
  void spanOverlap_noAnswer_agreesWithItselfOnly() {
    SpanOverlap overlap =
        SpanOverlap.of(
            List.of(List.of(), List.of(), List.of("x"), List.of("x")), List.of("", "x", "", "x"));
    assertThat(overlap.exactMatch()).isEqualTo(0.5);
    assertThat(overlap.f1()).isEqualTo(0.5);
  }

  @Test
  void confusion_twoLabels_f1IsThatOfTheSecond() {
    Confusion confusion = Confusion.of(new int[] {1, 1, 0, 0}, new int[] {1, 0, 1, 0}, 2);
    assertThat(confusion.of(Metric.F1)).isEqualTo(0.5);
    Confusion three = Confusion.of(new int[] {0, 1, 2}, new int[] {0, 1, 2}, 3);
    assertThat(three.measures()).doesNotContainKey("f1").containsEntry("matthews", 1.0);
  }

  @Test
  void of_measureOfAnotherKind_isRefusedWithThoseThereAre() {
    ValueFit fit = ValueFit.of(new double[] {1, 2}, new double[] {3, 4});
    assertThatThrownBy(() -> fit.of(Metric.ACCURACY))
        .isInstanceOf(SluiceException.class)
        .hasMessage(
            "metric: accuracy (expected: a measure of this kind of task, one of pearson,"
                + " spearman)");
  }

  private static BitSet set(int... labels) {
    BitSet set = new BitSet();
    for (int label : labels) {
      set.set(label);
    }
    return set;
  }
}
