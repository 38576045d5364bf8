package io.sluice.server.oip;

import static io.sluice.server.oip.InferMessages.raw;
import static io.sluice.server.oip.InferMessages.request;
import static io.sluice.server.testing.Asked.requireStatus;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.server.ServerSettings;
import io.sluice.server.oip.stranger.InferTensorContents;
import io.sluice.server.oip.stranger.ModelInferRequest;
import io.sluice.server.oip.stranger.ModelInferRequest.InferInputTensor;
import io.sluice.server.oip.stranger.ModelInferRequest.InferRequestedOutputTensor;
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
import org.junit.jupiter.params.provider.CsvSource;

/** Inference requests that are not as the Open Inference Protocol has them. */
@Timeout(60)
class WrongInferenceTest {
  private static final List<String> TEXTS = List.of("the film was good", "not bad", "one more");

  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = TestingBackbone.create();
  private static final ServedBundles bundles = new ServedBundles(backbone, runtime);

  @RegisterExtension
  static final SharedServer shared = new SharedServer(backbone, ServerSettings.defaults(), runtime);

  private static Stranger data;
  private static JsonClient http;
  private static AdapterBundle film;

  @BeforeAll
  static void start() {
    RunningServer server = shared.get();
    data = new Stranger(server.server().port());
    http = new JsonClient(server.server().port());
    film = bundles.bundle(1, 1, 3);
    server.activate("film", film);
  }

  @Test
  void modelInfer_wrongRequests_sayWhatIsWrong() {
    ModelInferRequest right = request("film", TEXTS);
    requireStatus(
        () -> data.infer(right.toBuilder().setModelName("nobody").build()),
        Status.Code.NOT_FOUND,
        "\"nobody\"");
    requireStatus(
        () -> data.infer(right.toBuilder().setModelVersion("7").build()),
        Status.Code.NOT_FOUND,
        "version: \"7\" (expected: \"\" or sha256:");
    assertThat(
            data.infer(right.toBuilder().setModelVersion(film.digest().toString()).build())
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

  private static InferInputTensor.Builder input(ModelInferRequest request) {
    return request.getInputs(0).toBuilder();
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
    requireStatus(() -> data.infer(request.build()), Status.Code.INVALID_ARGUMENT, text);
  }
}
