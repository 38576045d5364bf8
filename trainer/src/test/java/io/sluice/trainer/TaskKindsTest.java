package io.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.Pooling;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.data.Example;
import io.sluice.trainer.data.Truth;
import io.sluice.trainer.evaluate.BundleEvaluation;
import io.sluice.trainer.evaluate.BundleEvaluator;
import io.sluice.trainer.gate.Budget;
import io.sluice.trainer.metric.Metric;
import io.sluice.trainer.testing.TestingBackbone;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Whole runs of each kind of task; that a bundle comes out means that it passed the parity gate.
 */
class TaskKindsTest {
  /** A row on the edge may fall to the other side; two of a hundred. */
  private static final double PROMISE = 0.02;

  private final OnnxRuntime runtime = OnnxRuntime.shared();

  @Test
  void train_labelSets_areLearnedAndCalibrated() {
    TrainResult result =
        train(TestingBackbone.make(), sets(240, 3), sets(120, 4), settings(32, null));
    Manifest manifest = result.bundle().manifest();
    assertThat(manifest.kind()).isEqualTo(TaskKind.MULTI_LABEL);
    assertThat(manifest.labels()).containsExactly("one", "three", "two");
    assertThat(result.dev().of(Metric.MICRO_F1)).isGreaterThan(0.85);
    assertThat(manifest.metrics())
        .containsKeys("dev_micro_f1", "dev_macro_f1", "dev_exact_match", "dev_calibration_error");
    assertThat(manifest.temperature()).isEqualTo(result.confidence().calibration().temperature());
    assertThat(manifest.metrics().get("dev_negative_log_likelihood"))
        .isLessThanOrEqualTo(manifest.metrics().get("dev_negative_log_likelihood_uncalibrated"));
  }

  @Test
  void train_values_areLearnedOnTheirScale() {
    TrainResult result =
        train(TestingBackbone.make(), values(240, 5), values(120, 6), settings(32, null));
    Manifest manifest = result.bundle().manifest();
    assertThat(manifest.kind()).isEqualTo(TaskKind.REGRESS);
    assertThat(manifest.labels()).containsExactly("value");
    assertThat(manifest.temperature()).isEqualTo(1);
    assertThat(result.dev().of(Metric.PEARSON)).isGreaterThan(0.9);
    // The values are 1000 +- 50 n: answers are on that scale, or the error would be far larger.
    assertThat(result.dev().measures().get("mean_absolute_error")).isLessThan(40);
  }

  @Test
  void train_spansInWindows_areFoundAndSilenceIsKept() {
    TrainResult result =
        train(
            TestingBackbone.makeWithSpecialTokens(), spans(200, 7), spans(100, 8), settings(14, 5));
    Manifest manifest = result.bundle().manifest();
    assertThat(manifest.kind()).isEqualTo(TaskKind.ANSWER_SPAN);
    assertThat(manifest.pooling()).isEqualTo(Pooling.NONE);
    assertThat(manifest.labels()).isEmpty();
    assertThat(manifest.threshold()).isNotNull().isBetween(0.0, 1.0);
    assertThat(manifest.textFields()).containsExactly("question", "context");
    assertThat(result.dev().total()).isEqualTo(100);
    assertThat(result.dev().of(Metric.F1)).isGreaterThan(0.9);
    assertThat(manifest.metrics()).containsKeys("dev_exact_match", "dev_coverage");
  }

  @Test
  void train_yesOrNoWithStatedThreshold_bothAreInTheManifest() {
    List<Example> rows = new ArrayList<>();
    Random random = new Random(9);
    for (int row = 0; row < 120; row++) {
      boolean yes = random.nextBoolean();
      rows.add(new Example(word(4), word(yes ? 0 : 1), yes ? "true" : "false", row + 1));
    }
    Dataset set = new Dataset("boolean", List.of("question", "passage"), rows);
    TrainSettings settings =
        settings(32, null).toBuilder()
            .task(task -> task.kind(TaskKind.ANSWER_BOOLEAN).abstainBelow(0.7))
            .build();
    TrainResult result = train(TestingBackbone.make(), set, set, settings);
    assertThat(result.bundle().manifest().kind()).isEqualTo(TaskKind.ANSWER_BOOLEAN);
    assertThat(result.bundle().manifest().threshold()).isEqualTo(0.7);
    assertThat(result.confidence().abstention().coverage()).isBetween(0.5, 1.0);
  }

  @Test
  void train_kindThatTheRowsAreNot_isRefusedWithAllThatIsWrong() {
    TrainSettings settings =
        settings(32, null).toBuilder().task(task -> task.kind(TaskKind.ANSWER_SPAN)).build();
    assertThatThrownBy(() -> train(TestingBackbone.make(), values(20, 1), values(20, 2), settings))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("text fields: [text] (expected: two, the question and the text)")
        .hasMessageContaining(":1: truth: Value");
  }

  @Test
  void train_spansWithoutSpecialTokens_isRefused() {
    assertThatThrownBy(
            () -> train(TestingBackbone.make(), spans(20, 1), spans(20, 2), settings(14, 5)))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("tokenizer: no special tokens");
  }

  private TrainResult train(Backbone backbone, Dataset train, Dataset dev, TrainSettings settings) {
    TrainResult result =
        new Trainer(runtime).train(backbone, train, dev, settings, ProgressListener.SILENT);
    requireKept(backbone, result, dev);
    return result;
  }

  /** What was promised is what the bundle reaches on the same rows, by its own graphs. */
  private void requireKept(Backbone backbone, TrainResult result, Dataset dev) {
    try (BackboneSessions sessions = BackboneSessions.open(backbone, runtime)) {
      BundleEvaluation found =
          new BundleEvaluator(sessions, runtime).evaluate(result.bundle(), dev, (done, all) -> {});
      assertThat(found.evaluation().total()).isEqualTo(dev.size());
      assertThat(found.measures()).hasSameSizeAs(found.promised());
      found
          .promised()
          .forEach(
              (name, value) ->
                  assertThat(found.measures().get(name))
                      .as(name)
                      .isCloseTo(value, within(PROMISE * Math.max(1, value))));
    }
  }

  private static TrainSettings settings(int maxTokens, @Nullable Integer stride) {
    return TrainSettings.defaults().toBuilder()
        .budget(new Budget.Points(2))
        .search(search -> search.ranks(Set.of(4)))
        .schedule(schedule -> schedule.steps(200))
        .optimizer(optimizer -> optimizer.learningRate(0.01))
        .task(task -> task.maxTokens(maxTokens).stride(stride))
        .build();
  }

  /** A label for each of three words that occurs. */
  private static Dataset sets(int count, long seed) {
    Random random = new Random(seed);
    List<String> names = List.of("one", "two", "three");
    List<Example> rows = new ArrayList<>();
    for (int row = 0; row < count; row++) {
      TreeSet<String> labels = new TreeSet<>();
      StringBuilder text = new StringBuilder(word(10 + random.nextInt(20)));
      for (int label = 0; label < names.size(); label++) {
        if (random.nextBoolean()) {
          labels.add(names.get(label));
          text.append(' ').append(word(label));
        }
      }
      rows.add(new Example(text.toString(), null, new Truth.Labels(labels), row + 1));
    }
    return new Dataset("sets-" + seed, List.of("text"), rows);
  }

  /** 1000 and 50 for each of up to five words that is the first and not the second. */
  private static Dataset values(int count, long seed) {
    Random random = new Random(seed);
    List<Example> rows = new ArrayList<>();
    for (int row = 0; row < count; row++) {
      StringBuilder text = new StringBuilder(word(10));
      double value = 1000;
      for (int i = 0; i < 5; i++) {
        boolean first = random.nextBoolean();
        text.append(' ').append(word(first ? 0 : 1));
        value += first ? 50 : 0;
      }
      rows.add(new Example(text.toString(), null, new Truth.Value(value), row + 1));
    }
    return new Dataset("values-" + seed, List.of("text"), rows);
  }

  /** The answer is w1 and the word behind it; one text in four has none. */
  private static Dataset spans(int count, long seed) {
    Random random = new Random(seed);
    List<Example> rows = new ArrayList<>();
    for (int row = 0; row < count; row++) {
      int at = random.nextInt(4) == 0 ? -1 : random.nextInt(18);
      StringBuilder text = new StringBuilder();
      List<Truth.Span> answers = new ArrayList<>();
      for (int i = 0; i < 18; i++) {
        text.append(i == 0 ? "" : " ");
        if (i == at) {
          answers.add(new Truth.Span(word(1) + " " + word(2), text.length()));
          text.append(word(1)).append(' ').append(word(2));
        } else {
          text.append(word(6 + random.nextInt(30)));
        }
      }
      rows.add(new Example(word(3), text.toString(), new Truth.Spans(answers), row + 1));
    }
    return new Dataset("spans-" + seed, List.of("question", "context"), rows);
  }

  private static String word(int number) {
    return TestingBackbone.word(number);
  }
}
