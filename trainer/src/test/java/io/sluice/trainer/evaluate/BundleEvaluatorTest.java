package io.sluice.trainer.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.Digest;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.answer.Decision;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.Pooling;
import io.sluice.registry.bundle.Provenance;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.trainer.compile.BundleCompiler;
import io.sluice.trainer.compile.TrainedTask;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.data.Example;
import io.sluice.trainer.data.LabelledRows;
import io.sluice.trainer.data.Truth;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.metric.LabelTally;
import io.sluice.trainer.model.LinearHead;
import io.sluice.trainer.model.ParameterLayout;
import io.sluice.trainer.task.Reply;
import io.sluice.trainer.testing.TestingBackbone;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Bundles made by hand that say the same to every row, so that every figure can be reckoned on
 * paper; trained ones are compared with their training in {@code TaskKindsTest}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BundleEvaluatorTest {
  private static final int MAX_TOKENS = 4;

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = TestingBackbone.make();
  private final BackboneSessions sessions = BackboneSessions.open(backbone, runtime);
  private final List<Reply> replies = new ArrayList<>();

  @AfterAll
  void close() {
    sessions.close();
  }

  @Test
  void evaluate_oneLabelForAll_hasTheFiguresReckonedByHand() {
    // Out of the alphabet: the order is the manifest's.
    AdapterBundle bundle =
        saying(TaskKind.CLASSIFY, List.of("c", "b", "a"), new Decision(2, 0.5), 1, 2, 0);
    BundleEvaluation found = evaluate(bundle, labels("b", "b", "a", "b", "c"));

    assertThat(found.evaluation().total()).isEqualTo(5);
    assertThat(found.evaluation().byLabel())
        .containsExactly(new LabelTally(0, 0, 1), new LabelTally(3, 2, 0), new LabelTally(0, 0, 1));
    LabelTally b = found.evaluation().byLabel().get(1);
    assertThat(List.of(b.precision(), b.recall(), b.f1())).containsExactly(0.6, 1.0, 0.75);
    assertThat(found.evaluation().mistakes())
        .containsExactly(new Evaluation.Mistake(0, 1, 1), new Evaluation.Mistake(2, 1, 1));
    double sum = Math.E + Math.sqrt(Math.E) + 1;
    double loss = Math.log(sum) - (3 * 1 + 0.5 + 0) / 5;
    assertMeasures(
        found,
        Map.of(
            "accuracy", 0.6,
            "macro_f1", 0.25,
            "matthews", 0.0,
            "negative_log_likelihood", loss,
            "calibration_error", 0.6 - Math.E / sum,
            "coverage", 1.0,
            "worth_when_answered", 0.6));
    Reply reply = replies.get(2);
    assertThat(reply.said()).isEqualTo(new Truth.Label("b"));
    assertThat(reply.score()).isCloseTo(Math.E / sum, within(1e-6));
    assertThat(reply.abstains()).isFalse();
    assertThat(found.promised()).containsExactly(Map.entry("accuracy", 0.5));
  }

  @Test
  void evaluate_probabilityBelowTheThreshold_abstainsAndStillCounts() {
    AdapterBundle bundle = saying(TaskKind.CLASSIFY, List.of("a", "b"), new Decision(1, 0.9), 0, 1);
    BundleEvaluation found = evaluate(bundle, labels("b", "b", "a"));

    assertMeasures(found, Map.of("accuracy", 2 / 3.0, "coverage", 0.0));
    assertThat(replies).allMatch(Reply::abstains);
  }

  /** The third label is likelier than not, but not likely enough to be said. */
  @Test
  void evaluate_labelSets_countWhatIsSaid() {
    AdapterBundle bundle =
        saying(TaskKind.MULTI_LABEL, List.of("x", "y", "z"), new Decision(1, 0.6), 2, -2, 0.2f);
    List<Truth> truth =
        List.of(
            new Truth.Labels(new TreeSet<>(List.of("x"))),
            new Truth.Labels(new TreeSet<>(List.of("x", "y"))),
            new Truth.Labels(new TreeSet<>()));
    BundleEvaluation found = evaluate(bundle, rows(truth));

    assertMeasures(
        found,
        Map.of(
            "exact_match", 1 / 3.0,
            "micro_f1", 4 / 6.0,
            "macro_f1", 0.8 / 3,
            "coverage", 2 / 3.0));
    assertThat(replies)
        .allMatch(reply -> reply.abstains() && reply.said().fields().equals(List.of("x")));
    assertThat(found.evaluation().mistakes()).isEmpty();
  }

  @Test
  void evaluate_values_areTakenAsTheyAre() {
    AdapterBundle bundle = saying(TaskKind.REGRESS, List.of("value"), Decision.PLAIN, 3);
    List<Truth> truth = List.of(new Truth.Value(1), new Truth.Value(3), new Truth.Value(8));
    BundleEvaluation found = evaluate(bundle, rows(truth));

    assertThat(found.measures())
        .containsOnlyKeys("pearson", "spearman", "mean_squared_error", "mean_absolute_error");
    assertMeasures(found, Map.of("mean_squared_error", 29 / 3.0, "mean_absolute_error", 7 / 3.0));
    assertThat(found.evaluation().byLabel()).isEmpty();
  }

  @Test
  void evaluate_rowThatIsTooLong_isCutAndCounted() {
    AdapterBundle bundle = saying(TaskKind.CLASSIFY, List.of("a", "b"), Decision.PLAIN, 0, 1);
    Dataset rows =
        new Dataset(
            "rows",
            List.of("text"),
            List.of(new Example("w1 w2 w3 w4 w5", null, "b", 1), new Example("w1", null, "a", 2)));

    BundleEvaluation found = evaluate(bundle, rows);

    assertThat(found.truncated()).isOne();
    assertThat(replies.get(0).truncated()).isTrue();
  }

  /** More rows than are in memory at a time: the figures of one part, many times over. */
  @Test
  void evaluate_manyRows_areAnsweredInParts() {
    AdapterBundle bundle = saying(TaskKind.CLASSIFY, List.of("a", "b"), new Decision(2, 0.6), 0, 1);
    Dataset few = labels("a", "b", "b", "a", "b");
    List<Example> many = new ArrayList<>();
    for (int row = 0; row < 5000; row++) {
      many.add(few.examples().get(row % few.size()));
    }
    BundleEvaluation expected = evaluate(bundle, few);
    List<Integer> parts = new ArrayList<>();

    BundleEvaluation found =
        new BundleEvaluator(sessions, runtime)
            .evaluate(
                bundle,
                new Dataset("many", List.of("text"), many),
                new BundleEvaluator.Listener() {
                  @Override
                  public void answered(int rows, int all) {
                    assertThat(all).isEqualTo(5000);
                  }

                  @Override
                  public void replied(Dataset rows, List<Reply> said) {
                    parts.add(rows.size());
                  }
                });

    assertThat(parts).hasSizeGreaterThan(1).allMatch(size -> size <= 2048);
    assertThat(parts.stream().mapToInt(Integer::intValue).sum()).isEqualTo(5000);
    assertThat(found.evaluation().total()).isEqualTo(5000);
    assertMeasures(found, expected.measures());
  }

  @Test
  void evaluate_rowsOfTwoTexts_areRefusedByABundleOfOne() {
    AdapterBundle bundle = saying(TaskKind.CLASSIFY, List.of("a", "b"), Decision.PLAIN, 0, 1);
    Dataset pairs =
        new Dataset("pairs", List.of("a", "b"), List.of(new Example("w1", "w2", "a", 1)));

    assertThatThrownBy(() -> evaluate(bundle, pairs))
        .hasMessage("pairs: text fields: [a, b] (expected: 1, as [text] of the bundle)");
  }

  @Test
  void evaluate_interrupted_endsBetweenTwoBatches() {
    AdapterBundle bundle = saying(TaskKind.CLASSIFY, List.of("a", "b"), Decision.PLAIN, 0, 1);
    List<Truth> truth = new ArrayList<>();
    for (int row = 0; row < 3000; row++) {
      truth.add(new Truth.Label("a"));
    }
    List<Integer> done = new ArrayList<>();
    BundleEvaluator evaluator = new BundleEvaluator(sessions, runtime);
    try {
      assertThatThrownBy(
              () ->
                  evaluator.evaluate(
                      bundle,
                      rows(truth),
                      (rows, all) -> {
                        done.add(rows);
                        Thread.currentThread().interrupt();
                      }))
          .isInstanceOfSatisfying(
              SluiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(done).hasSize(1);
  }

  private BundleEvaluation evaluate(AdapterBundle bundle, LabelledRows rows) {
    replies.clear();
    return new BundleEvaluator(sessions, runtime)
        .evaluate(
            bundle,
            rows,
            new BundleEvaluator.Listener() {
              @Override
              public void answered(int done, int all) {
                assertThat(done).isBetween(replies.size(), all);
              }

              @Override
              public void replied(Dataset part, List<Reply> said) {
                assertThat(said).hasSize(part.size());
                replies.addAll(said);
              }
            });
  }

  private static void assertMeasures(BundleEvaluation found, Map<String, Double> expected) {
    expected.forEach(
        (name, value) ->
            assertThat(found.measures().get(name)).as(name).isCloseTo(value, within(1e-6)));
  }

  /** A head of a bias alone on the untouched encoder. */
  private AdapterBundle saying(
      TaskKind kind, List<String> labels, Decision decision, float... bias) {
    LinearHead head = new LinearHead(Pooling.MEAN, bias.length);
    ParameterLayout layout = ParameterLayout.of(List.of(), head, backbone.hiddenSize());
    float[] values = new float[layout.size()];
    System.arraycopy(bias, 0, values, values.length - bias.length, bias.length);
    TrainedTask task =
        new TrainedTask(
            backbone,
            List.of(),
            head,
            layout,
            values,
            kind,
            labels,
            decision,
            List.of("text"),
            MAX_TOKENS,
            Map.of("dev_accuracy", 0.5, "linear_probe_accuracy", 0.4),
            Provenance.here(Digest.of(new byte[] {1}), 1, Map.of(), Map.of("sluice", "test")));
    Encoding probe = new Encoding(new long[] {3, 7}, new long[2], false);
    return new BundleCompiler(runtime).compile(task, List.of(probe), new float[][] {bias});
  }

  private static Dataset labels(String... labels) {
    return rows(List.of(labels).stream().map(label -> (Truth) new Truth.Label(label)).toList());
  }

  private static Dataset rows(List<Truth> truth) {
    List<Example> examples = new ArrayList<>();
    for (Truth one : truth) {
      String text = TestingBackbone.word(examples.size() % 30);
      examples.add(new Example(text, null, one, examples.size() + 1));
    }
    return new Dataset("rows", List.of("text"), examples);
  }
}
