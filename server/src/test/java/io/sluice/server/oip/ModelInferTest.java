package io.sluice.server.oip;

import static io.sluice.server.oip.InferMessages.add;
import static io.sluice.server.oip.InferMessages.contents;
import static io.sluice.server.oip.InferMessages.count;
import static io.sluice.server.oip.InferMessages.floats;
import static io.sluice.server.oip.InferMessages.request;
import static io.sluice.server.oip.InferMessages.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.AnswerReply;
import io.sluice.proto.v1.AnswerRequest;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.SpanAnswer;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.server.ServerSettings;
import io.sluice.server.oip.stranger.ModelInferRequest;
import io.sluice.server.oip.stranger.ModelInferRequest.InferRequestedOutputTensor;
import io.sluice.server.oip.stranger.ModelInferResponse;
import io.sluice.server.testing.JsonClient;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.SharedServer;
import io.sluice.server.testing.TestingBackbone;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Inference over the Open Inference Protocol, as a client asks it that was generated apart from the
 * server's own definition, against what {@code sluice.v1} answers.
 */
@Timeout(60)
class ModelInferTest {
  private static final List<String> TEXTS =
      List.of("the film was good", "not good at all", "\u00e9t\u00e9 \ud83c\udfac film");

  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = TestingBackbone.create();
  private static final ServedBundles bundles = new ServedBundles(backbone, runtime);

  @RegisterExtension
  static final SharedServer shared = new SharedServer(backbone, ServerSettings.defaults(), runtime);

  private static RunningServer server;
  private static Stranger data;
  private static JsonClient http;
  private static AdapterBundle film;

  @BeforeAll
  static void start() {
    server = shared.get();
    data = new Stranger(server.server().port());
    http = new JsonClient(server.server().port());
    film = Models.activate(server, bundles);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void modelInfer_severalTexts_answersAsClassify(boolean raw) {
    ModelInferRequest.Builder request =
        ModelInferRequest.newBuilder().setModelName("film").setId("42");
    add(request, "text", TEXTS, raw);
    ModelInferResponse reply = data.infer(request.build());
    assertThat(reply.getId()).isEqualTo("42");
    assertThat(reply.getModelVersion()).isEqualTo(film.digest().toString());
    assertThat(reply.getParametersOrThrow("truncated").getBoolParam()).isFalse();
    assertThat(reply.getRawOutputContentsCount()).isEqualTo(raw ? 3 : 0);
    assertThat(reply.getOutputsList())
        .extracting(one -> one.getName() + one.getShapeList())
        .containsExactly("label[3]", "scores[3, 2]", "abstained[3]");
    assertThat(reply.getOutputs(1).getParametersOrThrow("labels").getStringParam())
        .isEqualTo("[\"no\",\"yes\"]");
    List<String> labels = raw ? texts(reply.getRawOutputContents(0)) : texts(reply, 0);
    List<Float> scores =
        raw ? floats(reply.getRawOutputContents(1)) : contents(reply, 1).getFp32ContentsList();
    for (int row = 0; row < TEXTS.size(); row++) {
      ClassifyReply expected = classify("film", TEXTS.get(row));
      assertThat(labels.get(row)).isEqualTo(expected.getLabel());
      assertThat((double) scores.get(2 * row))
          .isCloseTo(expected.getScores(0).getScore(), within(1e-5));
      assertThat((double) scores.get(2 * row + 1))
          .isCloseTo(expected.getScores(1).getScore(), within(1e-5));
    }
  }

  @Test
  void modelInfer_pairsAndQuestions_answerAsTheirMethods() {
    ModelInferRequest.Builder pair =
        ModelInferRequest.newBuilder()
            .setModelName("pairs")
            .addOutputs(InferRequestedOutputTensor.newBuilder().setName("label"));
    // In another order than the task's: names decide.
    add(pair, "hypothesis", List.of("it was bad"), false);
    add(pair, "premise", List.of("it was good"), false);
    ModelInferResponse paired = data.infer(pair.build());
    assertThat(paired.getOutputsList()).hasSize(1);
    assertThat(texts(paired, 0))
        .containsExactly(
            server
                .inference()
                .classify(
                    ClassifyRequest.newBuilder()
                        .setTask("pairs")
                        .setText("it was good")
                        .setTextPair("it was bad")
                        .build())
                .getLabel());

    ModelInferRequest.Builder question = ModelInferRequest.newBuilder().setModelName("boolq");
    add(question, "question", List.of("was the film good"), true);
    add(question, "passage", List.of("the film was very slow"), true);
    ModelInferResponse answered = data.infer(question.build());
    AnswerReply expected = answer("boolq");
    assertThat(answered.getRawOutputContents(0).byteAt(0) == 1)
        .isEqualTo(expected.getBoolean().getValue());
    assertThat((double) floats(answered.getRawOutputContents(1)).get(0))
        .isCloseTo(expected.getBoolean().getScore(), within(1e-5));
  }

  @Test
  void modelInfer_labelsValuesAndSpans_answerAsTheirMethods() {
    server.activate(
        "aspects",
        bundles.proven(
            bundles.builder().seed(3).kind(TaskKind.MULTI_LABEL, "a", "b", "c").adaptAt(2, 4)));
    server.activate(
        "value",
        bundles.proven(bundles.builder().seed(5).kind(TaskKind.REGRESS, "value").adaptAt(1, 4)));
    server.activate(
        "span",
        bundles.proven(
            bundles
                .builder()
                .seed(7)
                .kind(TaskKind.ANSWER_SPAN)
                .textFields("question", "passage")
                .adaptAt(2, 4)));
    ModelInferResponse labels = data.infer(request("aspects", TEXTS));
    ModelInferResponse values = data.infer(request("value", TEXTS));
    for (int row = 0; row < TEXTS.size(); row++) {
      ClassifyReply aspects = classify("aspects", TEXTS.get(row));
      for (int label = 0; label < 3; label++) {
        assertThat(contents(labels, 0).getBoolContents(3 * row + label))
            .isEqualTo(aspects.getLabelsList().contains("abc".substring(label, label + 1)));
        assertThat((double) contents(labels, 1).getFp32Contents(3 * row + label))
            .isCloseTo(aspects.getScores(label).getScore(), within(1e-5));
      }
      assertThat((double) contents(values, 0).getFp32Contents(row))
          .isCloseTo(classify("value", TEXTS.get(row)).getValue(), within(1e-5));
    }

    ModelInferRequest.Builder question = ModelInferRequest.newBuilder().setModelName("span");
    add(question, "question", List.of("was the film good"), true);
    add(question, "passage", List.of("the film was very slow"), true);
    ModelInferResponse found = data.infer(question.build());
    SpanAnswer span = answer("span").getSpan();
    assertThat(texts(found.getRawOutputContents(0))).containsExactly(span.getText());
    assertThat(count(found.getRawOutputContents(1))).isEqualTo(span.getStart());
    assertThat(count(found.getRawOutputContents(2))).isEqualTo(span.getEnd());
    assertThat((double) floats(found.getRawOutputContents(3)).get(0))
        .isCloseTo(span.getScore(), within(1e-5));
  }

  @Test
  void http_severalTexts_answersAsOverGrpc() {
    ModelInferResponse expected = data.infer(request("film", TEXTS));
    String body =
        "{\"id\": \"7\", \"parameters\": {\"deep\": 1, \"note\": \"x\"}, \"inputs\": [{\"name\":"
            + " \"text\", \"shape\": [3, 1], \"datatype\": \"BYTES\", \"data\": [[\""
            + String.join("\"], [\"", TEXTS)
            + "\"]]}], \"outputs\": [{\"name\": \"scores\"}, {\"name\": \"label\"}]}";
    for (String path :
        List.of("/v2/models/film/infer", "/v2/models/film/versions/" + film.digest() + "/infer")) {
      JsonNode reply = http.post(path, body).json();
      assertThat(reply.path("model_name").asText()).as(reply.toString()).isEqualTo("film");
      assertThat(reply.path("id").asText()).isEqualTo("7");
      assertThat(reply.at("/outputs/0/shape").toString()).isEqualTo("[3,2]");
      assertThat(reply.at("/parameters/truncated").isBoolean()).isTrue();
      for (int i = 0; i < 6; i++) {
        assertThat(reply.at("/outputs/0/data/" + i).asDouble())
            .isCloseTo(contents(expected, 1).getFp32Contents(i), within(1e-5));
      }
      assertThat(reply.at("/outputs/1/data"))
          .extracting(JsonNode::asText)
          .isEqualTo(texts(expected, 0));
    }
  }

  private static ClassifyReply classify(String task, String text) {
    return server
        .inference()
        .classify(ClassifyRequest.newBuilder().setTask(task).setText(text).build());
  }

  private static AnswerReply answer(String task) {
    return server
        .inference()
        .answer(
            AnswerRequest.newBuilder()
                .setTask(task)
                .setQuestion("was the film good")
                .setPassage("the film was very slow")
                .build());
  }
}
