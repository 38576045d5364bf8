package io.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.Duration;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.AnswerReply;
import io.sluice.proto.v1.AnswerRequest;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.LabelScore;
import io.sluice.proto.v1.MultiClassifyReply;
import io.sluice.proto.v1.MultiClassifyRequest;
import io.sluice.proto.v1.ReplyInfo;
import io.sluice.proto.v1.TaskClassification;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.server.testing.FilledInfo;
import io.sluice.server.testing.MergedModel;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.SharedServer;
import io.sluice.server.testing.TestingBackbone;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What tasks of each kind say, over a real channel, against a plain session of their bundle. */
@Timeout(60)
class TaskKindsTest {
  private static final double TOLERANCE = 1e-5;
  private static final double TEMPERATURE = 1.7;
  private static final double THRESHOLD = 0.6;

  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = TestingBackbone.create();
  private static final ServedBundles bundles = new ServedBundles(backbone, runtime);

  private static final AdapterBundle topics =
      bundles.proven(
          bundles
              .builder()
              .seed(11)
              .kind(TaskKind.MULTI_LABEL, "sport", "money", "weather", "music")
              .calibrated(TEMPERATURE, THRESHOLD)
              .adaptAt(1, 4));
  private static final AdapterBundle likeness =
      bundles.proven(
          bundles
              .builder()
              .seed(12)
              .kind(TaskKind.REGRESS, "value")
              .textFields("one", "other")
              .calibrated(TEMPERATURE, THRESHOLD)
              .adaptAt(3, 4));
  private static final AdapterBundle moods =
      bundles.proven(
          bundles
              .builder()
              .seed(13)
              .kind(TaskKind.CLASSIFY, "glad", "sad", "cross")
              .calibrated(TEMPERATURE, THRESHOLD)
              .adaptAt(2, 4));
  private static final AdapterBundle questions =
      bundles.proven(
          bundles
              .builder()
              .seed(14)
              .kind(TaskKind.ANSWER_BOOLEAN, "No", "Yes")
              .textFields("question", "passage")
              .calibrated(TEMPERATURE, THRESHOLD)
              .maxTokens(32)
              .adaptAt(2, 4));

  @RegisterExtension
  static final SharedServer shared = new SharedServer(backbone, ServerSettings.defaults(), runtime);

  private static RunningServer server;

  @BeforeAll
  static void activate() {
    server = shared.get();
    server.activate("topics", topics);
    server.activate("likeness", likeness);
    server.activate("moods", moods);
    server.activate("questions", questions);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void classify_multiLabel_saysWhatIsMoreLikelyThanNotAndSureEnough(long seed) {
    String text = TestingBackbone.text(new Random(seed), 9);
    float[] logits = logits(topics, text, null);
    List<String> said = new ArrayList<>();
    boolean unsure = false;
    ClassifyReply reply = classify("topics", text, null);
    for (int i = 0; i < logits.length; i++) {
      double p = 1 / (1 + Math.exp(-logits[i] / TEMPERATURE));
      assertThat((double) reply.getScores(i).getScore())
          .as("seed %d", seed)
          .isCloseTo(p, within(TOLERANCE));
      if (p >= THRESHOLD) {
        said.add(topics.manifest().labels().get(i));
      }
      unsure |= p > 1 - THRESHOLD && p < THRESHOLD;
    }
    assertThat(reply.getScoresList())
        .extracting(LabelScore::getLabel)
        .isEqualTo(topics.manifest().labels());
    assertThat(reply.getLabelsList()).as("seed %d", seed).isEqualTo(said);
    assertThat(reply.getAbstained()).as("seed %d", seed).isEqualTo(unsure);
    assertThat(reply.getLabel()).isEmpty();
    assertThat(reply.hasValue()).isFalse();
    requireFilled(reply.getInfo(), topics);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void classify_regression_givesTheHeadsNumberAsItIs(long seed) {
    Random random = new Random(seed);
    String one = TestingBackbone.text(random, 7);
    String other = TestingBackbone.text(random, 4);
    ClassifyReply reply = classify("likeness", one, other);
    assertThat((double) reply.getValue())
        .as("seed %d", seed)
        .isCloseTo(logits(likeness, one, other)[0], within(TOLERANCE));
    assertThat(reply.getScoresList()).isEmpty();
    assertThat(reply.getLabelsList()).isEmpty();
    assertThat(reply.getAbstained()).isFalse();
    requireFilled(reply.getInfo(), likeness);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void classify_oneLabel_keepsTemperatureAndThreshold(long seed) {
    String text = TestingBackbone.text(new Random(seed), 9);
    double[] expected = softmax(logits(moods, text, null));
    ClassifyReply reply = classify("moods", text, null);
    double best = 0;
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) reply.getScores(i).getScore())
          .as("seed %d", seed)
          .isCloseTo(expected[i], within(TOLERANCE));
      best = Math.max(best, expected[i]);
    }
    assertThat(reply.getAbstained()).as("seed %d", seed).isEqualTo(best < THRESHOLD);
    requireFilled(reply.getInfo(), moods);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void answer_yesOrNo_keepsTemperatureAndThreshold(long seed) {
    Random random = new Random(seed);
    String question = TestingBackbone.text(random, 5);
    String passage = TestingBackbone.text(random, 40);
    double yes = softmax(logits(questions, question, passage))[1];
    AnswerReply reply =
        server
            .inference()
            .answer(
                AnswerRequest.newBuilder()
                    .setTask("questions")
                    .setQuestion(question)
                    .setPassage(passage)
                    .build());
    assertThat(reply.getBoolean().getValue()).isEqualTo(yes > 0.5);
    assertThat((double) reply.getBoolean().getScore())
        .as("seed %d", seed)
        .isCloseTo(Math.max(yes, 1 - yes), within(TOLERANCE));
    assertThat(reply.getAbstained()).isEqualTo(Math.max(yes, 1 - yes) < THRESHOLD);
    assertThat(reply.getInfo().getTruncated()).isTrue();
    assertThat(reply.getInfo().getTokens()).isEqualTo(32);
    requireFilled(reply.getInfo(), questions);
  }

  @Test
  void multiClassify_differentKinds_eachAsAlone() {
    String text = "the film was very slow";
    MultiClassifyReply reply =
        server
            .inference()
            .multiClassify(
                MultiClassifyRequest.newBuilder()
                    .addTasks("moods")
                    .addTasks("topics")
                    .setText(text)
                    .build());
    assertThat(reply.getResultsList())
        .extracting(TaskClassification::getTask)
        .containsExactly("moods", "topics");
    ClassifyReply mood = classify("moods", text, null);
    ClassifyReply topic = classify("topics", text, null);
    assertThat(reply.getResults(0).getReply().getLabel()).isEqualTo(mood.getLabel());
    assertThat(reply.getResults(1).getReply().getLabelsList()).isEqualTo(topic.getLabelsList());
    // Adapted behind the first block, which each computes if they part below it for two threads.
    assertThat(reply.getResults(1).getReply().getInfo().getLayersShared()).isBetween(0, 1);
    requireFilled(reply.getResults(0).getReply().getInfo(), moods);
    requireFilled(reply.getResults(1).getReply().getInfo(), topics);
  }

  private static void requireFilled(ReplyInfo info, AdapterBundle bundle) {
    FilledInfo.require(info);
    assertThat(info.getBundleDigest()).isEqualTo(bundle.digest().toString());
    assertThat(info.getWindows()).isEqualTo(1);
    assertThat(info.getTimings().getMarginal()).isNotEqualTo(Duration.getDefaultInstance());
  }

  private static ClassifyReply classify(String task, String text, @Nullable String pair) {
    ClassifyRequest.Builder request = ClassifyRequest.newBuilder().setTask(task).setText(text);
    if (pair != null) {
      request.setTextPair(pair);
    }
    return server.inference().classify(request.build());
  }

  private static float[] logits(AdapterBundle bundle, String text, @Nullable String pair) {
    try (MergedModel oracle = bundles.oracle(bundle);
        BackboneTokenizer tokenizer = new BackboneTokenizer(backbone)) {
      Encoding encoding = tokenizer.encode(text, pair, bundle.manifest().maxTokens());
      return oracle.logits(encoding.ids(), encoding.typeIds());
    }
  }

  private static double[] softmax(float[] logits) {
    double[] values = new double[logits.length];
    double sum = 0;
    for (int i = 0; i < logits.length; i++) {
      values[i] = Math.exp(logits[i] / TEMPERATURE);
      sum += values[i];
    }
    for (int i = 0; i < values.length; i++) {
      values[i] /= sum;
    }
    return values;
  }
}
