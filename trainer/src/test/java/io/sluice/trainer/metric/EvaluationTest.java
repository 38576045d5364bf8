package io.sluice.trainer.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.SluiceException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Measures against figures worked out by hand. */
class EvaluationTest {
  private static final Offset<Double> EXACT = within(1e-12);

  /** Of random answers; cut anywhere, the parts together are the whole. */
  @Test
  void and_partsOfAnyKind_areTheWhole() {
    long seed = 7;
    Random random = new Random(seed);
    int rows = 40;
    int[] truth = random.ints(rows, 0, 3).toArray();
    int[] answers = random.ints(rows, 0, 3).toArray();
    double[] values = random.ints(rows, 0, 9).asDoubleStream().toArray();
    double[] others = random.ints(rows, 0, 9).asDoubleStream().toArray();
    List<BitSet> sets = IntStream.of(truth).mapToObj(one -> set(one)).toList();
    List<BitSet> given = IntStream.of(answers).mapToObj(one -> set(one, 2)).toList();
    List<List<String>> spans = IntStream.of(truth).mapToObj(one -> List.of("w" + one)).toList();
    List<String> said = IntStream.of(answers).mapToObj(one -> "w" + one + " x").toList();
    for (int cut : new int[] {1, 13, 39}) {
      requireSame(
          seed + ", cut " + cut,
          Confusion.of(truth, answers, 3),
          Confusion.of(Arrays.copyOf(truth, cut), Arrays.copyOf(answers, cut), 3)
              .and(
                  Confusion.of(
                      Arrays.copyOfRange(truth, cut, rows),
                      Arrays.copyOfRange(answers, cut, rows),
                      3)));
      requireSame(
          seed + ", cut " + cut,
          ValueFit.of(values, others),
          ValueFit.of(Arrays.copyOf(values, cut), Arrays.copyOf(others, cut))
              .and(
                  ValueFit.of(
                      Arrays.copyOfRange(values, cut, rows),
                      Arrays.copyOfRange(others, cut, rows))));
      requireSame(
          seed + ", cut " + cut,
          LabelCounts.of(sets, given, 3),
          LabelCounts.of(sets.subList(0, cut), given.subList(0, cut), 3)
              .and(LabelCounts.of(sets.subList(cut, rows), given.subList(cut, rows), 3)));
      requireSame(
          seed + ", cut " + cut,
          SpanOverlap.of(spans, said),
          SpanOverlap.of(spans.subList(0, cut), said.subList(0, cut))
              .and(SpanOverlap.of(spans.subList(cut, rows), said.subList(cut, rows))));
    }
    assertThatThrownBy(() -> ValueFit.of(values, others).and(Confusion.of(truth, answers, 3)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static void requireSame(String what, Evaluation whole, Evaluation parts) {
    assertThat(parts.total()).as(what).isEqualTo(whole.total());
    assertThat(parts.byLabel()).as(what).isEqualTo(whole.byLabel());
    assertThat(parts.mistakes()).as(what).isEqualTo(whole.mistakes());
    assertThat(parts.measures()).as(what).containsOnlyKeys(whole.measures().keySet());
    whole
        .measures()
        .forEach(
            (name, value) ->
                assertThat(parts.measures().get(name))
                    .as(what + ": " + name)
                    .isCloseTo(value, within(1e-12)));
  }

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
