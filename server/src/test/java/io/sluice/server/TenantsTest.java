package io.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.ClassifyBatchRequest;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.InferenceServiceGrpc.InferenceServiceBlockingStub;
import io.sluice.proto.v1.InferenceServiceGrpc.InferenceServiceFutureStub;
import io.sluice.server.engine.BatchingSettings;
import io.sluice.server.engine.EngineSettings;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.TestingBackbone;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tenants that requests name, over real channels. What they are good for: FairSharesTest. */
@Timeout(60)
class TenantsTest {
  private static final ClassifyRequest REQUEST =
      ClassifyRequest.newBuilder().setTask("task").setText("good").build();
  private static final ClassifyBatchRequest BATCH =
      ClassifyBatchRequest.newBuilder().addRows(REQUEST).build();
  private static final String ILLEGAL =
      "sluice-tenant: \"a b\" (expected: 1 to 63 letters, digits, '.', '_' and '-')";

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = TestingBackbone.create();
  @TempDir private Path directory;

  @Test
  void requests_thatNameTenants_areHeardWhereTenantsHaveShares() throws Exception {
    try (RunningServer server = server(true)) {
      assertThat(as(server, "shop-7").classify(REQUEST).getLabel()).isNotEmpty();
      assertThat(as(server, "shop-7").classifyBatch(BATCH).getRows(0).hasReply()).isTrue();
      assertThatThrownBy(() -> as(server, "a b").classify(REQUEST))
          .hasMessage("INVALID_ARGUMENT: " + ILLEGAL);
      assertThatThrownBy(() -> as(server, "a b").classifyBatch(BATCH))
          .hasMessage("INVALID_ARGUMENT: " + ILLEGAL);
      assertThat(post(server, "shop-7").statusCode()).isEqualTo(200);
      HttpResponse<String> refused = post(server, "a b");
      assertThat(refused.statusCode()).isEqualTo(400);
      assertThat(refused.body()).contains("sluice-tenant");
    }
  }

  @Test
  void requests_thatNameTenants_areAnsweredAlikeWhereTenantsHaveNone() {
    try (RunningServer server = server(false)) {
      assertThat(as(server, "a b").classify(REQUEST).getLabel()).isNotEmpty();
    }
  }

  /** One makes room for the other all the time, on connections that both use. */
  @Test
  void requests_ofTwoTenantsWhoFlood_areAnsweredOrRefused() throws Exception {
    BatchingSettings two =
        new BatchingSettings(64, 1, 2, Duration.ZERO, Duration.ZERO, Duration.ofSeconds(1));
    try (RunningServer server =
        server(EngineSettings.defaults().withSharesByTenants(true).withBatching(two))) {
      List<Future<ClassifyReply>> replies = new ArrayList<>();
      var plain = server.data(InferenceServiceFutureStub.class);
      List<InferenceServiceFutureStub> clients =
          List.of(plain.withInterceptors(naming("a")), plain.withInterceptors(naming("b")));
      for (int i = 0; i < 600; i++) {
        replies.add(clients.get(i % 7 == 0 ? 1 : 0).classify(REQUEST));
      }
      int refused = 0;
      for (Future<ClassifyReply> reply : replies) {
        try {
          assertThat(reply.get().getLabel()).isNotEmpty();
        } catch (ExecutionException e) {
          assertThat(e).hasMessageContaining("RESOURCE_EXHAUSTED");
          refused++;
        }
      }
      assertThat(refused).isBetween(1, 599);
    }
  }

  private RunningServer server(boolean tenants) {
    return server(EngineSettings.defaults().withSharesByTenants(tenants));
  }

  private RunningServer server(EngineSettings engine) {
    RunningServer server =
        new RunningServer(
            directory, backbone, ServerSettings.defaults().withEngine(engine), runtime);
    server.activate("task", new ServedBundles(backbone, runtime).bundle(1, 2));
    return server;
  }

  private static InferenceServiceBlockingStub as(RunningServer server, String tenant) {
    return server.inference().withInterceptors(naming(tenant));
  }

  private static ClientInterceptor naming(String tenant) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("sluice-tenant", Metadata.ASCII_STRING_MARSHALLER), tenant);
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  private static HttpResponse<String> post(RunningServer server, String tenant)
      throws IOException, InterruptedException {
    URI path = URI.create("http://127.0.0.1:" + server.server().port() + "/v1/tasks/task:classify");
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(path)
                .header("content-type", "application/json")
                .header("sluice-tenant", tenant)
                .POST(BodyPublishers.ofString("{\"text\": \"good\"}"))
                .build(),
            BodyHandlers.ofString());
  }
}
