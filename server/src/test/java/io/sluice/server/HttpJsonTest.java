package io.sluice.server;

import static io.sluice.server.testing.Asked.requireStatus;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.Empty;
import com.linecorp.armeria.client.grpc.GrpcClients;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.BundleHeader;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.InferenceServiceGrpc;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.server.engine.BatchingSettings;
import io.sluice.server.engine.EngineSettings;
import io.sluice.server.testing.JsonClient;
import io.sluice.server.testing.JsonClient.Reply;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.SharedServer;
import io.sluice.server.testing.TestingBackbone;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/JSON beside gRPC: the same answers, and errors that say the same. */
@Timeout(60)
class HttpJsonTest {
  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = TestingBackbone.create();
  private static final ServedBundles bundles = new ServedBundles(backbone, runtime);

  @RegisterExtension
  static final SharedServer shared = new SharedServer(backbone, ServerSettings.defaults(), runtime);

  private static RunningServer server;
  private static JsonClient data;
  private static JsonClient admin;

  @BeforeAll
  static void start() {
    server = shared.get();
    data = new JsonClient(server.server().port());
    admin = new JsonClient(server.server().adminPort());
    server.activate("film", bundles.bundle(1, 1, 3));
    server.activate("other", bundles.bundle(2, 2));
    server.activate(
        "boolq",
        bundles.proven(
            bundles
                .builder()
                .seed(4)
                .kind(io.sluice.registry.bundle.TaskKind.ANSWER_BOOLEAN, "false", "true")
                .textFields("question", "passage")
                .adaptAt(2, 4)));
  }

  @Test
  void classify_overHttp_answersAsOverGrpc() {
    ClassifyReply expected =
        server
            .inference()
            .classify(ClassifyRequest.newBuilder().setTask("film").setText("a good film").build());
    Reply reply = data.post("/v1/tasks/film:classify", "{\"text\": \"a good film\"}");
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.response().headers().firstValue("content-type"))
        .hasValue("application/json; charset=utf-8");
    requireSame(reply.json(), expected);
    // What is not set is there all the same.
    assertThat(reply.json().get("abstained").isBoolean()).isTrue();
  }

  @Test
  void multiClassifyAndAnswer_overHttp_answerAsOverGrpc() {
    Reply both =
        data.post("/v1/tasks:classify", "{\"tasks\": [\"other\", \"film\"], \"text\": \"a film\"}");
    assertThat(both.status()).isEqualTo(200);
    assertThat(both.json().path("results")).hasSize(2);
    for (JsonNode result : both.json().path("results")) {
      requireSame(
          result.path("reply"),
          server
              .inference()
              .classify(
                  ClassifyRequest.newBuilder()
                      .setTask(result.path("task").asText())
                      .setText("a film")
                      .build()));
    }
    Reply answer =
        data.post(
            "/v1/tasks/boolq:answer", "{\"question\": \"was it good\", \"passage\": \"it was\"}");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().path("boolean").path("score").asDouble()).isBetween(0.5, 1.0);
  }

  @Test
  void classifyBatch_overHttp_hasAReplyOrAnErrorARow() {
    Reply reply =
        data.post(
            "/v1/tasks:classifyBatch",
            "{\"rows\": [{\"task\": \"film\", \"text\": \"a film\"}, {\"task\": \"nobody\","
                + " \"text\": \"x\"}]}");
    assertThat(reply.status()).isEqualTo(200);
    requireSame(
        reply.json().path("rows").path(0).path("reply"),
        server
            .inference()
            .classify(ClassifyRequest.newBuilder().setTask("film").setText("a film").build()));
    JsonNode error = reply.json().path("rows").path(1).path("error");
    assertThat(error.path("code").asInt()).isEqualTo(5);
    assertThat(error.path("message").asText())
        .isEqualTo("task: \"nobody\" (expected: a task with an active bundle)");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          film:classify   | {"text": "  "}              | 400 | INVALID_ARGUMENT    | text: empty (expected: text)
          nobody:classify | {"text": "good"}            | 404 | NOT_FOUND           | task: "nobody" (expected: a task with an active bundle)
          %C3%A9:classify | {"text": "good"}            | 404 | NOT_FOUND           | task: "é" (expected: a task with an active bundle)
          boolq:classify  | {"text": "good"}            | 400 | FAILED_PRECONDITION | kind ANSWER_BOOLEAN (expected: one of CLASSIFY, MULTI_LABEL, REGRESS; ask this one with Answer)
          film:classify   | {"text": "good              | 400 | INVALID_ARGUMENT    | text: not JSON at line 1, column
          film:classify   | {"text": good}              | 400 | INVALID_ARGUMENT    | text: not JSON at line 1, column
          film:classify   | not JSON at all             | 400 | INVALID_ARGUMENT    | body: not JSON at line 1, column
          film:classify   | ["good"]                    | 400 | INVALID_ARGUMENT    | (expected: a JSON object)
          film:classify   | {"txt": "good"}             | 400 | INVALID_ARGUMENT    | txt: unknown (expected: one of task, text, textPair
          film:classify   | {"text": {"a": 1}}          | 400 | INVALID_ARGUMENT    | text: {"a":1} (expected: a string)
          """)
  void classify_wrongRequest_hasItsStatusAndMessage(
      String path, String body, int status, String code, String error) {
    Reply reply = data.post("/v1/tasks/" + path, body);
    assertThat(reply.error()).contains(error);
    assertThat(reply.status()).isEqualTo(status);
    assertThat(reply.code()).isEqualTo(code);
    assertThat(data.post("/v1/tasks/film:classify", "{\"text\": \"good\"}").status())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          film:classify        | {"text": 1}                        | text: 1 (expected: a string)
          film:classify        | {"text": ["good"]}                 | text: ["good"] (expected: a string)
          film:classify        | {"text": true}                     | text: true (expected: a string)
          film:classify        | {"text": "a", "text_pair": 2}      | text_pair: 2 (expected: a string)
          film:classify        | {"text": "a \\ud83d b"}          | text: half a character at 2 (expected: whole characters)
          film:classify        | {"text": "\\ude00\\ud83d"}     | text: half a character at 0 (expected: whole characters)
          film:classify?text=b | {"text": "a"}                      | query: text (expected: none, as all is in the path and the body)
          film:classify?x      | {"text": "a"}                      | query: x (expected: none, as all is in the path and the body)
          """)
  void classify_valueOfAnotherKind_isNotTakenForOne(String path, String body, String error) {
    Reply reply = data.post("/v1/tasks/" + path, body);
    assertThat(reply.error()).contains(error);
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.code()).isEqualTo("INVALID_ARGUMENT");
    // Both halves, and a field that is not set, are as good as ever.
    String whole = "{\"text\": \"\\ud83d\\ude00\", \"textPair\": null}";
    assertThat(data.post("/v1/tasks/film:classify", whole).status()).isEqualTo(200);
  }

  @Test
  void anyMethod_valueOfAnotherKindFurtherIn_isNamedByItsPlace() {
    Reply row =
        data.post("/v1/tasks:classifyBatch", "{\"rows\": [{\"task\": \"film\", \"text\": 1}]}");
    assertThat(row.error()).isEqualTo("rows[0].text: 1 (expected: a string)");
    Reply tasks = data.post("/v1/tasks:classify", "{\"text\": \"x\", \"tasks\": [\"film\", 7]}");
    assertThat(tasks.error()).isEqualTo("tasks[1]: 7 (expected: a string)");
    Reply torn =
        data.post(
            "/v2/models/film/infer",
            "{\"inputs\": [{\"name\": \"text\", \"datatype\": \"BYTES\", \"shape\": [1],"
                + " \"data\": [\"\\ud83d\"]}]}");
    assertThat(torn.error()).contains("half a character at 0 (expected: whole characters)");
    assertThat(torn.status()).isEqualTo(400);
    Reply other = admin.get("/v1/tasks/film:describe?task=other");
    assertThat(other.status()).isEqualTo(400);
    assertThat(other.error()).startsWith("query: task (expected: none");
  }

  @ParameterizedTest
  @CsvSource({
    "0n, 504, deadline passed before the request came",
    "00000000H, 504, deadline passed before the request came",
    "1n, 504, deadline passed",
    "99999999H, 200, ",
    "-1S, 400, grpc-timeout: not a time (expected: 1 to 8 digits and one of",
    "1, 400, grpc-timeout: not a time (expected: 1 to 8 digits and one of",
    "123456789n, 400, grpc-timeout: not a time (expected: 1 to 8 digits and one of",
  })
  void classify_deadlineAtTheEdge_isKeptOrNamed(String timeout, int status, String error) {
    Reply reply =
        data.post("/v1/tasks/film:classify", "{\"text\": \"good\"}", "grpc-timeout", timeout);
    assertThat(reply.status()).as(reply.response().body()).isEqualTo(status);
    assertThat(reply.error()).startsWith(error == null ? "" : error);
  }

  @Test
  void classify_elementOfTheWrongKind_isNamedByItsIndex() {
    Reply reply =
        data.post("/v1/tasks:classify", "{\"text\": \"x\", \"tasks\": [\"film\", {\"a\": 1}]}");
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.error()).isEqualTo("tasks[1]: {\"a\":1} (expected: a string)");
    Reply number = admin.post("/v1/tasks/film:activate", "{\"revision\": \"first\"}");
    assertThat(number.status()).isEqualTo(400);
    assertThat(number.error())
        .isEqualTo("revision: \"first\" (expected: a whole number that fits uint64)");
  }

  @Test
  void classify_withoutJsonContentType_is415() {
    for (String type : new String[] {null, "text/plain", "application/x-www-form-urlencoded"}) {
      Reply reply = data.send("POST", "/v1/tasks/film:classify", type, "{\"text\": \"good\"}");
      assertThat(reply.status()).as(type).isEqualTo(415);
      assertThat(reply.error())
          .startsWith("content-type: ")
          .contains("(expected: application/json");
    }
  }

  @ParameterizedTest
  @CsvSource({"application/json", "application/json; charset=utf-8"})
  void classify_bodyTooLarge_is413(String type) {
    String body = "{\"text\": \"" + "a".repeat(5 << 20) + "\"}";
    JsonClient client = JsonClient.overHttp1(server.server().port());
    Reply reply = client.send("POST", "/v1/tasks/film:classify", type, body);
    assertThat(reply.status()).isEqualTo(413);
    assertThat(reply.code()).isEqualTo("RESOURCE_EXHAUSTED");
    assertThat(reply.error()).contains("(expected: at most 41");
  }

  @Test
  void anyPath_unknown_is404WithWhatThereIs() {
    Reply reply = data.get("/v1/nothing");
    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.code()).isEqualTo("NOT_FOUND");
    assertThat(reply.error()).startsWith("path: /v1/nothing (expected: ");
    assertThat(reply.json().path("endpoints"))
        .extracting(JsonNode::asText)
        .contains("POST /v1/tasks/{task}:classify", "GET /docs/", "gRPC sluice.v1.InferenceService")
        .doesNotContain("GET /v1/tasks");
    assertThat(data.get("/v1/tasks/film:classify").status()).isEqualTo(405);
    assertThat(data.get("/v1/tasks").status()).isEqualTo(404);
    assertThat(data.post("/v1/tasks/film:rollback", "{}").status()).isEqualTo(404);
  }

  @Test
  void anyMethod_unknownToTheService_isUnimplementedOverGrpc() {
    MethodDescriptor<Empty, Empty> method =
        MethodDescriptor.<Empty, Empty>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("sluice.v1.InferenceService/Guess")
            .setRequestMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
            .setResponseMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
            .build();
    InferenceServiceGrpc.InferenceServiceBlockingStub stub =
        GrpcClients.newClient(
            "gproto+http://127.0.0.1:" + server.server().port() + "/",
            InferenceServiceGrpc.InferenceServiceBlockingStub.class);
    requireStatus(
        () ->
            ClientCalls.blockingUnaryCall(
                stub.getChannel(), method, CallOptions.DEFAULT, Empty.getDefaultInstance()),
        Status.Code.UNIMPLEMENTED,
        "");
  }

  @Test
  void administration_overHttp_movesTheTask() {
    AdapterBundle first = bundles.bundle(1, 1);
    AdapterBundle second = bundles.bundle(2, 1);
    server.activate("moved", first);
    server.upload(BundleHeader.newBuilder().setTask("moved").build(), second.bytes());

    Reply lost =
        admin.post("/v1/tasks/moved:activate", "{\"revision\": 2, \"expectedActiveDigest\": \"\"}");
    assertThat(lost.status()).isEqualTo(409);
    assertThat(lost.code()).isEqualTo("ABORTED");
    Reply activated = admin.post("/v1/tasks/moved:activate", "{\"revision\": 2}");
    assertThat(activated.status()).isEqualTo(200);
    assertThat(activated.json().at("/activation/previousDigest").asText())
        .isEqualTo(first.digest().toString());
    assertThat(active("moved")).isEqualTo(second.digest().toString());
    assertThat(admin.send("POST", "/v1/tasks/moved:rollback", "application/json", null).status())
        .isEqualTo(200);
    assertThat(active("moved")).isEqualTo(first.digest().toString());
    assertThat(admin.send("POST", "/v1/tasks/moved:rollback", null, null).status()).isEqualTo(415);
    assertThat(admin.post("/v1/tasks/moved:classify", "{\"text\": \"x\"}").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/tasks/film:classify",
        "/v1/tasks:classifyBatch",
        "/v2/models/film/infer",
      })
  void body_thatIsNotOneValueInUtf8_isRefusedAtOnce(String path) {
    String good = path.endsWith("infer") ? "{\"inputs\": []}" : "{\"text\": \"good\"}";
    Map<String, String> bodies =
        Map.of(
            "[".repeat(5000),
            "nesting depth",
            "{\"a\":".repeat(5000),
            "nesting depth",
            "{\"text\": " + "1".repeat(5000) + "}",
            "Number value length",
            good + " and more",
            "Unrecognized token 'and'",
            good + good,
            "something behind the end of it",
            "{\"text\": \"a\", \"text\": \"b\"}",
            "Duplicate field 'text'",
            "{\"inputs\": [], \"inputs\": []}",
            "Duplicate field 'inputs'");
    bodies.forEach(
        (body, said) -> {
          Reply reply = data.post(path, body);
          assertThat(reply.status()).as(body).isEqualTo(400);
          assertThat(reply.code()).isEqualTo("INVALID_ARGUMENT");
          assertThat(reply.error()).contains("not JSON", said);
        });
    byte[] latin1 = "{\"text\": \"caf\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1);
    Reply reply = data.upload(path, "application/json", latin1);
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.error()).contains("not JSON at line 1, column ", "Invalid UTF-8");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[1]|parameters.p: [1] (expected: true or false, a number or a string)",
        "{\"a\": 1}|parameters.p: {\"a\":1} (expected: true or false, a number or a string)",
        "1180591620717411303424|parameters.p: 1180591620717411303424 (expected: a whole number that"
            + " fits int64)"
      })
  void infer_parameterThatIsNone_isNamed(String value, String said) {
    String tensor =
        "{\"name\": \"text\", \"datatype\": \"BYTES\", \"shape\": [1], \"data\": [\"a\"]";
    String parameters = "\"parameters\": {\"p\": " + value + "}";
    Reply ofAll =
        data.post("/v2/models/film/infer", "{\"inputs\": [" + tensor + "}], " + parameters + "}");
    Reply ofOne =
        data.post("/v2/models/film/infer", "{\"inputs\": [" + tensor + ", " + parameters + "}]}");

    assertThat(ofAll.status()).isEqualTo(400);
    assertThat(ofAll.error()).isEqualTo(said);
    assertThat(ofOne.status()).isEqualTo(400);
    assertThat(ofOne.error()).isEqualTo("inputs[0]." + said);
  }

  @Test
  void register_overHttp_keepsAndActivatesTheBundle() {
    AdapterBundle bundle = bundles.bundle(3, 1);
    String type = "application/octet-stream";
    Reply shared = admin.upload("/v1/tasks/sent:register", type, bundle.bytes());
    assertThat(shared.status()).as(shared.response().body()).isEqualTo(200);
    assertThat(shared.json().at("/revision/digest").asText()).isEqualTo(bundle.digest().toString());
    assertThat(data.get("/v2/models/sent/ready").status()).isEqualTo(503);
    Reply activated = admin.upload("/v1/tasks/sent:register?activate=true", type, bundle.bytes());
    assertThat(activated.json().path("alreadyRegistered").asBoolean()).isTrue();
    assertThat(data.post("/v1/tasks/sent:classify", body("good")).status()).isEqualTo(200);

    Reply cut = admin.upload("/v1/tasks/sent:register", type, Arrays.copyOf(bundle.bytes(), 1000));
    assertThat(cut.status()).isEqualTo(400);
    assertThat(cut.error()).contains("cut short");
    Reply other =
        admin.upload(
            "/v1/tasks/sent:register?expectedDigest=sha256:" + "0".repeat(64),
            type,
            bundle.bytes());
    assertThat(other.code()).isEqualTo("DATA_LOSS");
    Reply wordy = admin.upload("/v1/tasks/sent:register?activate=yes", type, bundle.bytes());
    assertThat(wordy.status()).isEqualTo(400);
    assertThat(wordy.error()).isEqualTo("activate: yes (expected: true or false)");
    Reply misspelt = admin.upload("/v1/tasks/sent:register?active=true", type, bundle.bytes());
    assertThat(misspelt.status()).isEqualTo(400);
    assertThat(misspelt.error()).startsWith("query: active (expected: of [activate, ");
    assertThat(admin.upload("/v1/tasks/Sent:register", type, bundle.bytes()).error())
        .startsWith("task: \"Sent\"");
    assertThat(admin.upload("/v1/tasks/sent:register", "text/plain", new byte[1]).status())
        .isEqualTo(415);
    assertThat(data.upload("/v1/tasks/sent:register", type, new byte[1]).status()).isEqualTo(404);
  }

  @Test
  void apiPage_onBothPorts_listsTheirMethodsWithTheirComments() {
    assertThat(data.get("/").response().headers().firstValue("location")).hasValue("/docs/");
    assertThat(data.get("/docs/").response().body()).contains("<html");
    JsonNode inference = data.get("/docs/specification.json").json();
    assertThat(inference.path("services"))
        .extracting(service -> service.path("name").asText())
        .contains("sluice.v1.InferenceService", "sluice.v1.InferenceService_HTTP")
        .doesNotContain("sluice.v1.AdapterService");
    assertThat(inference.toString())
        .contains("Probability, 0 to 1, after the bundle's calibration temperature");
    JsonNode administration = admin.get("/docs/specification.json").json();
    assertThat(administration.path("services"))
        .extracting(service -> service.path("name").asText())
        .contains("sluice.v1.AdapterService_HTTP")
        .doesNotContain("sluice.v1.InferenceService");
    assertThat(administration.toString()).contains("Every task, by name");
  }

  @Test
  void classify_moreThanTheQueueHolds_is429AndDrainingIs503(@TempDir Path store) {
    BatchingSettings tight =
        new BatchingSettings(64, 1, 2, Duration.ZERO, Duration.ZERO, Duration.ofSeconds(1));
    ServerSettings settings =
        ServerSettings.defaults().withEngine(EngineSettings.defaults().withBatching(tight));
    try (RunningServer server = new RunningServer(store, backbone, settings, runtime)) {
      server.activate("task", bundles.bundle(1, 1));
      JsonClient client = new JsonClient(server.server().port());
      List<CompletableFuture<Reply>> replies = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        String text = TestingBackbone.text(new Random(i), 50);
        replies.add(
            client.sendAsync("POST", "/v1/tasks/task:classify", "application/json", body(text)));
      }
      List<Reply> all = replies.stream().map(CompletableFuture::join).toList();
      List<Reply> refused = all.stream().filter(reply -> reply.status() == 429).toList();
      assertThat(refused).isNotEmpty();
      assertThat(all).filteredOn(reply -> reply.status() == 200).isNotEmpty();
      assertThat(all).extracting(Reply::status).containsOnly(200, 429);
      for (Reply reply : refused) {
        assertThat(reply.code()).isEqualTo("RESOURCE_EXHAUSTED");
        assertThat(reply.response().headers().firstValueAsLong("retry-after").orElseThrow())
            .isPositive();
      }
      assertThat(server.server().drain(Duration.ofSeconds(10))).isTrue();
      Reply late = client.post("/v1/tasks/task:classify", body("good"));
      assertThat(late.status()).isEqualTo(503);
      assertThat(late.code()).isEqualTo("UNAVAILABLE");
    }
  }

  private static String body(String text) {
    return "{\"text\": \"" + text + "\"}";
  }

  private static String active(String task) {
    for (JsonNode listed : admin.get("/v1/tasks").json().path("tasks")) {
      if (listed.path("name").asText().equals(task)) {
        return listed.path("activeDigest").asText();
      }
    }
    throw new AssertionError("not listed: " + task);
  }

  private static void requireSame(JsonNode json, ClassifyReply expected) {
    assertThat(json.path("label").asText()).isEqualTo(expected.getLabel());
    assertThat(json.path("scores")).hasSize(expected.getScoresCount());
    for (int i = 0; i < expected.getScoresCount(); i++) {
      assertThat(json.at("/scores/" + i + "/label").asText())
          .isEqualTo(expected.getScores(i).getLabel());
      assertThat(json.at("/scores/" + i + "/score").asDouble())
          .isCloseTo(expected.getScores(i).getScore(), within(1e-5));
    }
    assertThat(json.at("/info/bundleDigest").asText())
        .isEqualTo(expected.getInfo().getBundleDigest());
    assertThat(json.at("/info/generation").asLong()).isEqualTo(expected.getInfo().getGeneration());
  }
}
