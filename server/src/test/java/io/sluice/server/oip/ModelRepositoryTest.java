package io.sluice.server.oip;

import static io.sluice.server.oip.InferMessages.request;
import static io.sluice.server.testing.Asked.requireStatus;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.Status;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.BundleHeader;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.server.ServerSettings;
import io.sluice.server.oip.stranger.ModelMetadataResponse;
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
import io.sluice.server.testing.SharedServer;
import io.sluice.server.testing.TestingBackbone;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which models there are, what they take and give, and how they come and go. */
@Timeout(60)
class ModelRepositoryTest {
  private static final List<String> TEXTS = List.of("the film was good", "not good at all");

  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = TestingBackbone.create();
  private static final ServedBundles bundles = new ServedBundles(backbone, runtime);

  @RegisterExtension
  static final SharedServer shared = new SharedServer(backbone, ServerSettings.defaults(), runtime);

  private static RunningServer server;
  private static Stranger data;
  private static Stranger admin;
  private static JsonClient http;
  private static JsonClient adminHttp;
  private static AdapterBundle film;

  @BeforeAll
  static void start() {
    server = shared.get();
    data = new Stranger(server.server().port());
    admin = new Stranger(server.server().adminPort());
    http = new JsonClient(server.server().port());
    adminHttp = new JsonClient(server.server().adminPort());
    film = Models.activate(server, bundles);
  }

  @Test
  void serverMethods_onBothPorts_tellWhoItIs() {
    for (Stranger client : List.of(data, admin)) {
      assertThat(client.stub().serverLive(ServerLiveRequest.getDefaultInstance()).getLive())
          .isTrue();
      assertThat(client.stub().serverReady(ServerReadyRequest.getDefaultInstance()).getReady())
          .isTrue();
      var metadata = client.stub().serverMetadata(ServerMetadataRequest.getDefaultInstance());
      assertThat(metadata.getName()).isEqualTo("sluice");
      assertThat(metadata.getExtensionsList()).contains("model_repository");
      assertThat(client.ready("film")).isTrue();
      assertThat(client.ready("nobody")).isFalse();
    }
  }

  @Test
  void modelMetadata_perKind_describesItsTensors() {
    ModelMetadataResponse classify = data.metadata("film");
    assertThat(classify.getVersionsList()).containsExactly(film.digest().toString());
    assertThat(classify.getInputsList())
        .extracting(one -> one.getName() + one.getDatatype() + one.getShapeList())
        .containsExactly("textBYTES[-1]");
    assertThat(classify.getOutputsList())
        .extracting(one -> one.getName() + " " + one.getDatatype() + one.getShapeList())
        .containsExactly("label BYTES[-1]", "scores FP32[-1, 2]", "abstained BOOL[-1]");
    assertThat(data.metadata("pairs").getInputsList())
        .extracting(ModelMetadataResponse.TensorMetadata::getName)
        .containsExactly("premise", "hypothesis");
    assertThat(data.metadata("boolq").getOutputsList())
        .extracting(one -> one.getName() + " " + one.getDatatype())
        .containsExactly("answer BOOL", "score FP32", "abstained BOOL");
  }

  @Test
  void http_serverAndModels_areToldAsOverGrpc() {
    assertThat(http.get("/v2/health/live").json().path("live").asBoolean()).isTrue();
    assertThat(http.get("/v2/health/ready").status()).isEqualTo(200);
    assertThat(http.get("/v2").json().path("name").asText()).isEqualTo("sluice");
    assertThat(http.get("/v2/models/film/ready").status()).isEqualTo(200);
    assertThat(http.get("/v2/models/nobody/ready").status()).isEqualTo(503);
    JsonNode metadata = http.get("/v2/models/film").json();
    assertThat(metadata.at("/inputs/0/shape/0").isNumber()).isTrue();
    assertThat(metadata.at("/outputs/1/shape").toString()).isEqualTo("[-1,2]");
    assertThat(http.get("/v2/models/nobody").status()).isEqualTo(404);
    JsonNode index = adminHttp.post("/v2/repository/index", "{\"ready\": true}").json();
    assertThat(index.isArray()).isTrue();
    assertThat(index)
        .extracting(line -> line.path("name").asText() + " " + line.path("state").asText())
        .contains("film READY");
  }

  @Test
  void repository_onTheAdminPort_listsLoadsAndUnloads() {
    AdapterBundle first = bundles.bundle(1, 1);
    AdapterBundle second = bundles.bundle(2, 2);
    server.upload(BundleHeader.newBuilder().setTask("stored").build(), first.bytes());
    server.upload(BundleHeader.newBuilder().setTask("stored").build(), second.bytes());
    ModelIndex before = admin.index("stored");
    assertThat(before.getState()).isEqualTo("UNAVAILABLE");
    assertThat(before.getReason()).isEqualTo("no bundle is active");
    assertThat(data.ready("stored")).isFalse();
    requireStatus(() -> data.infer(request("stored", TEXTS)), Status.Code.NOT_FOUND, "\"stored\"");

    var loaded =
        admin
            .stub()
            .repositoryModelLoad(
                RepositoryModelLoadRequest.newBuilder().setModelName("stored").build());
    assertThat(loaded).isNotNull();
    assertThat(admin.index("stored").getState()).isEqualTo("READY");
    assertThat(admin.index("stored").getVersion()).isEqualTo(second.digest().toString());
    assertThat(data.ready("stored")).isTrue();
    assertThat(admin.infer(request("stored", TEXTS)).getModelVersion())
        .isEqualTo(second.digest().toString());

    var unloaded =
        admin
            .stub()
            .repositoryModelUnload(
                RepositoryModelUnloadRequest.newBuilder().setModelName("stored").build());
    assertThat(unloaded).isNotNull();
    assertThat(admin.index("stored").getState()).isEqualTo("UNAVAILABLE");
    assertThat(data.ready("stored")).isFalse();
    requireStatus(() -> data.infer(request("stored", TEXTS)), Status.Code.NOT_FOUND, "\"stored\"");
    assertThat(
            admin
                .stub()
                .repositoryIndex(RepositoryIndexRequest.newBuilder().setReady(true).build())
                .getModelsList())
        .extracting(ModelIndex::getName)
        .contains("film")
        .doesNotContain("stored");

    assertThat(adminHttp.post("/v2/repository/models/stored/load", "").status()).isEqualTo(200);
    assertThat(admin.index("stored").getState()).isEqualTo("READY");
    requireStatus(
        () ->
            admin
                .stub()
                .repositoryModelLoad(
                    RepositoryModelLoadRequest.newBuilder().setModelName("nobody").build()),
        Status.Code.NOT_FOUND,
        "nobody");
    requireStatus(
        () ->
            admin
                .stub()
                .repositoryIndex(
                    RepositoryIndexRequest.newBuilder().setRepositoryName("other").build()),
        Status.Code.NOT_FOUND,
        "repository_name: \"other\"");
  }

  @Test
  void repository_onTheDataPort_isNotThere() {
    requireStatus(
        () -> data.stub().repositoryIndex(RepositoryIndexRequest.getDefaultInstance()),
        Status.Code.UNIMPLEMENTED,
        "");
    requireStatus(
        () ->
            data.stub()
                .repositoryModelUnload(
                    RepositoryModelUnloadRequest.newBuilder().setModelName("film").build()),
        Status.Code.UNIMPLEMENTED,
        "");
    assertThat(http.post("/v2/repository/index", "{}").status()).isEqualTo(404);
    assertThat(http.post("/v2/repository/models/film/unload", "{}").status()).isEqualTo(404);
    assertThat(data.ready("film")).isTrue();
  }
}
