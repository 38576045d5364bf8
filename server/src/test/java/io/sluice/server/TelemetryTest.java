package io.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.Server;
import io.grpc.StatusRuntimeException;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.InferenceServiceGrpc;
import io.sluice.proto.v1.MultiClassifyRequest;
import io.sluice.proto.v1.RollbackRequest;
import io.sluice.server.telemetry.TelemetrySettings;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.Scrape;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.TestingBackbone;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a running server tells, read by others than us: a Prometheus parser, an OTLP receiver. */
@Timeout(60)
class TelemetryTest {
  private static final String CLASSIFY = "sluice.v1.InferenceService/Classify";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = TestingBackbone.create();
  private static final ServedBundles bundles = new ServedBundles(backbone, runtime);
  private static final Queue<Span> spans = new ConcurrentLinkedQueue<>();

  private static Server receiver;
  private static RunningServer server;

  @BeforeAll
  static void start(@TempDir Path store) {
    receiver =
        Server.builder()
            .http(0)
            .service(
                "/v1/traces",
                (ctx, request) ->
                    HttpResponse.of(
                        request
                            .aggregate()
                            .thenApply(
                                body -> {
                                  receive(body.content().array());
                                  return HttpResponse.of(HttpStatus.OK);
                                })))
            .build();
    receiver.start().join();
    URI endpoint = URI.create("http://127.0.0.1:" + receiver.activeLocalPort() + "/v1/traces");
    server =
        new RunningServer(
            store,
            backbone,
            ServerSettings.defaults()
                .withTelemetry(
                    TelemetrySettings.defaults().withMetricTasks(2).withTraces(endpoint, 0)),
            runtime);
    server.activate("one", bundles.bundle(1, 1, 3));
    server.activate("two", bundles.bundle(2, 2));
    server.activate("three", bundles.bundle(3, 1));
  }

  @AfterAll
  static void stop() {
    server.close();
    receiver.stop().join();
  }

  private static void receive(byte[] body) {
    try {
      ExportTraceServiceRequest.parseFrom(body)
          .getResourceSpansList()
          .forEach(
              resource ->
                  resource
                      .getScopeSpansList()
                      .forEach(scope -> spans.addAll(scope.getSpansList())));
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new IllegalStateException("not OTLP", e);
    }
  }

  @Test
  void scrape_afterTraffic_countsWhatTheClientSent() {
    InferenceServiceGrpc.InferenceServiceBlockingStub client = server.inference();
    Scrape before = Scrape.of(server.server().adminPort());
    for (int i = 0; i < 7; i++) {
      client.classify(ask("one", "a text " + i));
    }
    for (int i = 0; i < 3; i++) {
      client.classify(ask("two", "a text " + i));
    }
    client.classify(ask("three", "a text"));
    client.multiClassify(
        MultiClassifyRequest.newBuilder()
            .addTasks("one")
            .addTasks("two")
            .setText("one text")
            .build());
    for (String invented : List.of("nobody", "nothing")) {
      assertThatThrownBy(() -> client.classify(ask(invented, "text")))
          .isInstanceOf(StatusRuntimeException.class);
    }
    assertThatThrownBy(() -> client.classify(ask("one", " ")))
        .isInstanceOf(StatusRuntimeException.class);
    assertThatThrownBy(
            () -> server.adapters().rollback(RollbackRequest.newBuilder().setTask("one").build()))
        .isInstanceOf(StatusRuntimeException.class);
    Scrape after = Scrape.of(server.server().adminPort());

    assertThat(requests(before, after, "one", "OK")).isEqualTo(7);
    assertThat(requests(before, after, "two", "OK")).isEqualTo(3);
    assertThat(requests(before, after, "one", "INVALID_ARGUMENT")).isEqualTo(1);
    // Two tasks may be named; the third, and names that clients make up, are counted as one.
    assertThat(requests(before, after, "other", "OK")).isEqualTo(1);
    assertThat(requests(before, after, "other", "NOT_FOUND")).isEqualTo(2);
    Map<String, String> one = Map.of("method", CLASSIFY, "task", "one");
    assertThat(
            after.histogramCount("sluice_request_seconds", one)
                - before.histogramCount("sluice_request_seconds", one))
        .isEqualTo(8);
    assertThat(
            after.value("sluice_rows_total", Map.of("task", "one"))
                - before.value("sluice_rows_total", Map.of("task", "one")))
        .isEqualTo(8);
    for (String stage : List.of("tokenize", "queue", "compute")) {
      assertThat(
              after.histogramCount("sluice_stage_seconds", Map.of("stage", stage))
                  - before.histogramCount("sluice_stage_seconds", Map.of("stage", stage)))
          .as(stage)
          .isEqualTo(13);
    }
    assertThat(
            after.histogramCount(
                "sluice_activation_seconds", Map.of("action", "activate", "outcome", "OK")))
        .isEqualTo(3);
    assertThat(
            after.histogramCount(
                "sluice_activation_seconds",
                Map.of("action", "rollback", "outcome", "FAILED_PRECONDITION")))
        .isEqualTo(1);
    assertThat(after.value("sluice_live_tasks", Map.of())).isEqualTo(3);
    assertThat(after.value("sluice_generation", Map.of())).isEqualTo(3);
    assertThat(after.value("sluice_store_bundles", Map.of())).isEqualTo(3);
    assertThat(after.value("sluice_task_weights_bytes", Map.of())).isPositive();
    assertThat(after.value("sluice_backbone_weights_bytes", Map.of()))
        .isEqualTo(4.0 * backbone.parameters());
    assertThat(after.value("jvm_threads_live_threads", Map.of())).isPositive();
  }

  @Test
  void dashboard_everyMetricItNames_isInTheScrape() throws Exception {
    Set<String> named = new TreeSet<>();
    for (JsonNode expression :
        new ObjectMapper()
            .readTree(Path.of("../deploy/grafana/sluice.json").toFile())
            .findValues("expr")) {
      named.addAll(named("(sluice|jvm|process|system)_\\w+", expression.asText()));
    }

    assertThat(named).hasSizeGreaterThan(15).allMatch(told()::contains);
  }

  @Test
  void manual_everyMetricItNames_isInTheScrape() throws Exception {
    Set<String> told = told();

    assertThat(named("sluice_\\w+", Files.readString(Path.of("../docs/operations.md"))))
        .hasSizeGreaterThan(20)
        .allMatch(name -> told.contains(name) || told.contains(name + "_count"));
  }

  /** Names of all samples, after a request. */
  private static Set<String> told() throws Exception {
    server.inference().classify(ask("one", "a text"));
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + server.server().adminPort() + "/metrics"))
                .build(),
            BodyHandlers.ofString())
        .body()
        .lines()
        .map(line -> line.split("[{ ]", 2)[0])
        .collect(Collectors.toSet());
  }

  private static Set<String> named(String pattern, String text) {
    Set<String> names = new TreeSet<>();
    Matcher name = Pattern.compile("\\b" + pattern).matcher(text);
    while (name.find()) {
      names.add(name.group());
    }
    return names;
  }

  @Test
  void request_withTraceparent_isASpanBelowItWithOneForEachStage() throws Exception {
    String trace = "0af7651916cd43dd8448eb211c80319c";
    var reply =
        post(
            "{\"text\": \"a traced text\"}", "traceparent", "00-" + trace + "-b7ad6b7169203331-01");
    assertThat(reply.statusCode()).isEqualTo(200);

    await().atMost(PATIENCE).until(() -> spans.size() >= 4);
    assertThat(spans).hasSize(4).allMatch(span -> hex(span.getTraceId()).equals(trace));
    Span request =
        spans.stream().filter(span -> span.getName().equals(CLASSIFY)).findFirst().orElseThrow();
    assertThat(hex(request.getParentSpanId())).isEqualTo("b7ad6b7169203331");
    assertThat(request.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
    List<Span> stages = spans.stream().filter(span -> !span.getName().equals(CLASSIFY)).toList();
    assertThat(stages)
        .allMatch(stage -> stage.getParentSpanId().equals(request.getSpanId()))
        .allMatch(stage -> stage.getEndTimeUnixNano() >= stage.getStartTimeUnixNano())
        .allMatch(stage -> stage.getEndTimeUnixNano() <= request.getEndTimeUnixNano())
        .extracting(Span::getName)
        .containsExactlyInAnyOrder("tokenize", "queue", "compute");
  }

  @Test
  void requestId_given_comesBackAndElseOneIsMade() throws Exception {
    assertThat(id(post("{\"text\": \"a\"}", "x-request-id", "mine-1"))).isEqualTo("mine-1");
    assertThat(id(post("{\"text\": \"\"}", "x-request-id", "mine-2"))).isEqualTo("mine-2");
    assertThat(id(post("{\"text\": \"a\"}", "accept", "*/*"))).matches("[0-9a-f]{16}");
    assertThat(id(post("{\"text\": \"a\"}", "x-request-id", "two words"))).matches("[0-9a-f]{16}");
  }

  private static double requests(Scrape before, Scrape after, String task, String status) {
    Map<String, String> labels = Map.of("method", CLASSIFY, "task", task, "status", status);
    return after.value("sluice_requests_total", labels)
        - before.value("sluice_requests_total", labels);
  }

  private static ClassifyRequest ask(String task, String text) {
    return ClassifyRequest.newBuilder().setTask(task).setText(text).build();
  }

  private static String id(java.net.http.HttpResponse<String> reply) {
    return reply.headers().firstValue("x-request-id").orElse("");
  }

  private static String hex(com.google.protobuf.ByteString id) {
    StringBuilder text = new StringBuilder();
    id.forEach(value -> text.append(String.format("%02x", value)));
    return text.toString();
  }

  private static java.net.http.HttpResponse<String> post(String body, String header, String value)
      throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.server().port() + "/v1/tasks/one:classify");
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(uri)
                .header("content-type", "application/json")
                .header(header, value)
                .POST(BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString());
  }
}
