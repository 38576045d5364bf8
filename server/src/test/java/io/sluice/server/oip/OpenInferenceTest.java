package io.sluice.server.oip;

import static io.sluice.server.testing.Asked.requireStatus;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import com.linecorp.armeria.client.grpc.GrpcClients;
import io.grpc.Status;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.AnswerReply;
import io.sluice.proto.v1.AnswerRequest;
import io.sluice.proto.v1.BundleHeader;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.SpanAnswer;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.server.ServerSettings;
import io.sluice.server.oip.stranger.GRPCInferenceServiceGrpc;
import io.sluice.server.oip.stranger.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.sluice.server.oip.stranger.InferTensorContents;
import io.sluice.server.oip.stranger.ModelInferRequest;
import io.sluice.server.oip.stranger.ModelInferRequest.InferInputTensor;
import io.sluice.server.oip.stranger.ModelInferRequest.InferRequestedOutputTensor;
import io.sluice.server.oip.stranger.ModelInferResponse;
import io.sluice.server.oip.stranger.ModelMetadataRequest;
import io.sluice.server.oip.stranger.ModelMetadataResponse;
import io.sluice.server.oip.stranger.ModelReadyRequest;
import io.sluice.server.oip.stranger.RepositoryIndexRequest;
import io.sluice.server.oip.stranger.RepositoryIndexResponse.ModelIndex;
import io.sluice.server.oip.stranger.RepositoryModelLoadRequest;
import io.sluice.server.oip.stranger.RepositoryModelUnloadRequest;
import io.sluice.server.oip.stranger.ServerLiveRequest;
import io.sluice.server.oip.stranger.ServerMetadataRequest;
import io.sluice.server.oip.stranger.ServerReadyRequest;
import io.sluice.server.testing.JsonClient;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.TestingBackbone;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The Open Inference Protocol as a client asks it that was generated apart from the server's own
 * definition, against what {@code sluice.v1} answers.
 */
@Timeout(60)
class OpenInferenceTest {
  private static final List<String> TEXTS =
      List.of("the film was good", "not good at all", "\u00e9t\u00e9 \ud83c\udfac film");

  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = TestingBackbone.create();
  private static final ServedBundles bundles = new ServedBundles(backbone, runtime);

  private static RunningServer server;
  private static GRPCInferenceServiceBlockingStub data;
  private static GRPCInferenceServiceBlockingStub admin;
  private static JsonClient http;
  private static JsonClient adminHttp;
  private static AdapterBundle film;

  @BeforeAll
  static void start(@TempDir Path store) {
    server = new RunningServer(store, backbone, ServerSettings.defaults(), runtime);
    data = stub(server.server().port());
    admin = stub(server.server().adminPort());
    http = new JsonClient(server.server().port());
    adminHttp = new JsonClient(server.server().adminPort());
    film = bundles.bundle(1, 1, 3);
    server.activate("film", film);
    server.activate(
        "pairs",
        bundles.proven(
            bundles.builder().seed(6).textFields("premise", "hypothesis").adaptAt(2, 4)));
    server.activate(
        "boolq",
        bundles.proven(
            bundles
                .builder()
                .seed(4)
                .kind(TaskKind.ANSWER_BOOLEAN, "false", "true")
                .textFields("question", "passage")
                .adaptAt(2, 4)));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void serverMethods_onBothPorts_tellWhoItIs() {
    for (GRPCInferenceServiceBlockingStub client : List.of(data, admin)) {
      assertThat(client.serverLive(ServerLiveRequest.getDefaultInstance()).getLive()).isTrue();
      assertThat(client.serverReady(ServerReadyRequest.getDefaultInstance()).getReady()).isTrue();
      var metadata = client.serverMetadata(ServerMetadataRequest.getDefaultInstance());
      assertThat(metadata.getName()).isEqualTo("sluice");
      assertThat(metadata.getExtensionsList()).contains("model_repository");
      assertThat(ready(client, "film")).isTrue();
      assertThat(ready(client, "nobody")).isFalse();
    }
  }

  @Test
  void modelMetadata_perKind_describesItsTensors() {
    ModelMetadataResponse classify = metadata("film");
    assertThat(classify.getVersionsList()).containsExactly(film.digest().toString());
    assertThat(classify.getInputsList())
        .extracting(one -> one.getName() + one.getDatatype() + one.getShapeList())
        .containsExactly("textBYTES[-1]");
    assertThat(classify.getOutputsList())
        .extracting(one -> one.getName() + " " + one.getDatatype() + one.getShapeList())
        .containsExactly("label BYTES[-1]", "scores FP32[-1, 2]", "abstained BOOL[-1]");
    assertThat(metadata("pairs").getInputsList())
        .extracting(ModelMetadataResponse.TensorMetadata::getName)
        .containsExactly("premise", "hypothesis");
    assertThat(metadata("boolq").getOutputsList())
        .extracting(one -> one.getName() + " " + one.getDatatype())
        .containsExactly("answer BOOL", "score FP32", "abstained BOOL");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void modelInfer_severalTexts_answersAsClassify(boolean raw) {
    ModelInferRequest.Builder request =
        ModelInferRequest.newBuilder().setModelName("film").setId("42");
    add(request, "text", TEXTS, raw);
    ModelInferResponse reply = data.modelInfer(request.build());
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
    ModelInferResponse paired = data.modelInfer(pair.build());
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
    ModelInferResponse answered = data.modelInfer(question.build());
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
    ModelInferResponse labels = data.modelInfer(request("aspects", TEXTS));
    ModelInferResponse values = data.modelInfer(request("value", TEXTS));
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
    ModelInferResponse found = data.modelInfer(question.build());
    SpanAnswer span = answer("span").getSpan();
    assertThat(texts(found.getRawOutputContents(0))).containsExactly(span.getText());
    assertThat(count(found.getRawOutputContents(1))).isEqualTo(span.getStart());
    assertThat(count(found.getRawOutputContents(2))).isEqualTo(span.getEnd());
    assertThat((double) floats(found.getRawOutputContents(3)).get(0))
        .isCloseTo(span.getScore(), within(1e-5));
  }

  @Test
  void modelInfer_wrongRequests_sayWhatIsWrong() {
    ModelInferRequest right = request("film", TEXTS);
    requireStatus(
        () -> data.modelInfer(right.toBuilder().setModelName("nobody").build()),
        Status.Code.NOT_FOUND,
        "\"nobody\"");
    requireStatus(
        () -> data.modelInfer(right.toBuilder().setModelVersion("7").build()),
        Status.Code.NOT_FOUND,
        "version: \"7\" (expected: \"\" or sha256:");
    assertThat(
            data.modelInfer(right.toBuilder().setModelVersion(film.digest().toString()).build())
                .getModelName())
        .isEqualTo("film");
    requireInvalid(right.toBuilder().clearInputs(), "inputs: no \"text\"");
    requireInvalid(input(right).setName("words"), "inputs[0].name: \"words\"");
    requireInvalid(input(right).setDatatype("INT32"), "inputs[0].datatype: \"INT32\"");
    requireInvalid(input(right).clearShape().addShape(2), "inputs[0]: 3 texts (expected: 2)");
    requireInvalid(input(right).clearShape(), "inputs[0].shape: [] (expected: [rows]");
    requireInvalid(input(right).addShape(2), "inputs[0].shape: [3, 2]");
    requireInvalid(
        input(right)
            .setContents(
                InferTensorContents.newBuilder()
                    .addBytesContents(ByteString.copyFrom(new byte[] {(byte) 0xff})))
            .clearShape()
            .addShape(1),
        "inputs[0]: text 0 not UTF-8");
    requireInvalid(
        right.toBuilder().addOutputs(InferRequestedOutputTensor.newBuilder().setName("logits")),
        "outputs: \"logits\" (expected: of [label, scores, abstained])");
    requireInvalid(right.toBuilder().addRawInputContents(raw(TEXTS)), "inputs[0].contents: given");
    requireInvalid(
        input(right).clearContents(), raw(TEXTS).substring(0, 9), "raw contents of inputs[0]");
    requireInvalid(
        input(right).clearContents(),
        ByteString.copyFrom(new byte[] {-1, -1, -1, 127, 0}),
        "(expected: a length in 4 bytes, then as many bytes)");
    requireInvalid(
        request("film", List.of("good", " ")).toBuilder(), "text: empty (expected: text)");
  }

  @Test
  void repository_onTheAdminPort_listsLoadsAndUnloads() {
    AdapterBundle first = bundles.bundle(1, 1);
    AdapterBundle second = bundles.bundle(2, 2);
    server.upload(BundleHeader.newBuilder().setTask("stored").build(), first.bytes());
    server.upload(BundleHeader.newBuilder().setTask("stored").build(), second.bytes());
    ModelIndex before = index("stored");
    assertThat(before.getState()).isEqualTo("UNAVAILABLE");
    assertThat(before.getReason()).isEqualTo("no bundle is active");
    assertThat(ready(data, "stored")).isFalse();
    requireStatus(
        () -> data.modelInfer(request("stored", TEXTS)), Status.Code.NOT_FOUND, "\"stored\"");

    var loaded =
        admin.repositoryModelLoad(
            RepositoryModelLoadRequest.newBuilder().setModelName("stored").build());
    assertThat(loaded).isNotNull();
    assertThat(index("stored").getState()).isEqualTo("READY");
    assertThat(index("stored").getVersion()).isEqualTo(second.digest().toString());
    assertThat(ready(data, "stored")).isTrue();
    assertThat(admin.modelInfer(request("stored", TEXTS)).getModelVersion())
        .isEqualTo(second.digest().toString());

    var unloaded =
        admin.repositoryModelUnload(
            RepositoryModelUnloadRequest.newBuilder().setModelName("stored").build());
    assertThat(unloaded).isNotNull();
    assertThat(index("stored").getState()).isEqualTo("UNAVAILABLE");
    assertThat(ready(data, "stored")).isFalse();
    requireStatus(
        () -> data.modelInfer(request("stored", TEXTS)), Status.Code.NOT_FOUND, "\"stored\"");
    assertThat(
            admin
                .repositoryIndex(RepositoryIndexRequest.newBuilder().setReady(true).build())
                .getModelsList())
        .extracting(ModelIndex::getName)
        .contains("film")
        .doesNotContain("stored");

    assertThat(adminHttp.post("/v2/repository/models/stored/load", "").status()).isEqualTo(200);
    assertThat(index("stored").getState()).isEqualTo("READY");
    requireStatus(
        () ->
            admin.repositoryModelLoad(
                RepositoryModelLoadRequest.newBuilder().setModelName("nobody").build()),
        Status.Code.NOT_FOUND,
        "nobody");
    requireStatus(
        () ->
            admin.repositoryIndex(
                RepositoryIndexRequest.newBuilder().setRepositoryName("other").build()),
        Status.Code.NOT_FOUND,
        "repository_name: \"other\"");
  }

  @Test
  void repository_onTheDataPort_isNotThere() {
    requireStatus(
        () -> data.repositoryIndex(RepositoryIndexRequest.getDefaultInstance()),
        Status.Code.UNIMPLEMENTED,
        "");
    requireStatus(
        () ->
            data.repositoryModelUnload(
                RepositoryModelUnloadRequest.newBuilder().setModelName("film").build()),
        Status.Code.UNIMPLEMENTED,
        "");
    assertThat(http.post("/v2/repository/index", "{}").status()).isEqualTo(404);
    assertThat(http.post("/v2/repository/models/film/unload", "{}").status()).isEqualTo(404);
    assertThat(ready(data, "film")).isTrue();
  }

  @Test
  void http_serverAndModels_answerAsOverGrpc() {
    assertThat(http.get("/v2/health/live").json().path("live").asBoolean()).isTrue();
    assertThat(http.get("/v2/health/ready").status()).isEqualTo(200);
    assertThat(http.get("/v2").json().path("name").asText()).isEqualTo("sluice");
    assertThat(http.get("/v2/models/film/ready").status()).isEqualTo(200);
    assertThat(http.get("/v2/models/nobody/ready").status()).isEqualTo(503);
    JsonNode metadata = http.get("/v2/models/film").json();
    assertThat(metadata.at("/inputs/0/shape/0").isNumber()).isTrue();
    assertThat(metadata.at("/outputs/1/shape").toString()).isEqualTo("[-1,2]");
    assertThat(http.get("/v2/models/nobody").status()).isEqualTo(404);

    ModelInferResponse expected = data.modelInfer(request("film", TEXTS));
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
    JsonNode index = adminHttp.post("/v2/repository/index", "{\"ready\": true}").json();
    assertThat(index.isArray()).isTrue();
    assertThat(index)
        .extracting(line -> line.path("name").asText() + " " + line.path("state").asText())
        .contains("film READY");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          "data": [1]                    | inputs[0].data[0]: 1 (expected: a string)
          "data": "good"                 | inputs[0].data: "good" (expected: an array of strings)
          "data": ["good", "bad"]        | inputs[0]: 2 texts (expected: 1)
          "dada": ["good"]               | inputs[0].dada: unknown (expected: one of name,
          "shape": "x", "data": ["good"] | inputs[0].shape: "x" (expected: an array
          """)
  void http_wrongTensors_nameTheField(String tensor, String error) {
    String shape = tensor.contains("shape") ? "" : "\"shape\": [1], ";
    JsonClient.Reply reply =
        http.post(
            "/v2/models/film/infer",
            "{\"inputs\": [{\"name\": \"text\", \"datatype\": \"BYTES\", "
                + shape
                + tensor
                + "}]}");
    assertThat(reply.error()).contains(error);
    assertThat(reply.status()).isEqualTo(400);
  }

  private static GRPCInferenceServiceBlockingStub stub(int port) {
    return GrpcClients.newClient(
        "gproto+http://127.0.0.1:" + port + "/",
        GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub.class);
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

  private static int count(ByteString raw) {
    return raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  private static boolean ready(GRPCInferenceServiceBlockingStub client, String model) {
    return client.modelReady(ModelReadyRequest.newBuilder().setName(model).build()).getReady();
  }

  private static ModelMetadataResponse metadata(String model) {
    return data.modelMetadata(ModelMetadataRequest.newBuilder().setName(model).build());
  }

  private static ModelIndex index(String model) {
    return admin
        .repositoryIndex(RepositoryIndexRequest.getDefaultInstance())
        .getModelsList()
        .stream()
        .filter(line -> line.getName().equals(model))
        .findFirst()
        .orElseThrow();
  }

  private static ModelInferRequest request(String model, List<String> texts) {
    ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName(model);
    add(request, "text", texts, false);
    return request.build();
  }

  private static void add(
      ModelInferRequest.Builder request, String name, List<String> texts, boolean raw) {
    InferInputTensor.Builder input =
        InferInputTensor.newBuilder().setName(name).setDatatype("BYTES").addShape(texts.size());
    if (raw) {
      request.addRawInputContents(raw(texts));
    } else {
      texts.forEach(text -> input.getContentsBuilder().addBytesContents(utf8(text)));
    }
    request.addInputs(input);
  }

  private static InferInputTensor.Builder input(ModelInferRequest request) {
    return request.getInputs(0).toBuilder();
  }

  private static ByteString utf8(String text) {
    return ByteString.copyFrom(text, StandardCharsets.UTF_8);
  }

  private static ByteString raw(List<String> texts) {
    ByteString raw = ByteString.EMPTY;
    for (String text : texts) {
      ByteString bytes = utf8(text);
      ByteBuffer length =
          ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(bytes.size()).flip();
      raw = raw.concat(ByteString.copyFrom(length)).concat(bytes);
    }
    return raw;
  }

  private static List<String> texts(ByteString raw) {
    ByteBuffer bytes = raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    List<String> texts = new ArrayList<>();
    while (bytes.hasRemaining()) {
      byte[] text = new byte[bytes.getInt()];
      bytes.get(text);
      texts.add(new String(text, StandardCharsets.UTF_8));
    }
    return texts;
  }

  private static List<Float> floats(ByteString raw) {
    ByteBuffer bytes = raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    return IntStream.range(0, raw.size() / 4).mapToObj(i -> bytes.getFloat(4 * i)).toList();
  }

  private static List<String> texts(ModelInferResponse reply, int output) {
    return contents(reply, output).getBytesContentsList().stream()
        .map(ByteString::toStringUtf8)
        .toList();
  }

  private static InferTensorContents contents(ModelInferResponse reply, int output) {
    return reply.getOutputs(output).getContents();
  }

  private static void requireInvalid(InferInputTensor.Builder input, String text) {
    requireInvalid(ModelInferRequest.newBuilder().setModelName("film").addInputs(input), text);
  }

  private static void requireInvalid(
      InferInputTensor.Builder input, ByteString rawContents, String text) {
    requireInvalid(
        ModelInferRequest.newBuilder()
            .setModelName("film")
            .addInputs(input)
            .addRawInputContents(rawContents),
        text);
  }

  private static void requireInvalid(ModelInferRequest.Builder request, String text) {
    requireStatus(() -> data.modelInfer(request.build()), Status.Code.INVALID_ARGUMENT, text);
  }
}
