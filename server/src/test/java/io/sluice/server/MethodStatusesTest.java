package io.sluice.server;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractStub;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.sluice.proto.inference.InferTensorContents;
import io.sluice.proto.inference.ModelInferRequest;
import io.sluice.proto.inference.ModelInferRequest.InferInputTensor;
import io.sluice.proto.inference.ModelMetadataRequest;
import io.sluice.proto.inference.ModelReadyRequest;
import io.sluice.proto.inference.RepositoryIndexRequest;
import io.sluice.proto.inference.RepositoryModelLoadRequest;
import io.sluice.proto.inference.RepositoryModelUnloadRequest;
import io.sluice.proto.v1.ActivateRequest;
import io.sluice.proto.v1.AdapterServiceGrpc.AdapterServiceBlockingStub;
import io.sluice.proto.v1.DescribeRequest;
import io.sluice.proto.v1.ListRequest;
import io.sluice.proto.v1.RetireRequest;
import io.sluice.proto.v1.RollbackRequest;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.StatusTable;
import io.sluice.server.testing.TestingBackbone;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every cell of the tables of administration and of the Open Inference Protocol in {@code
 * docs/statuses.md}, over real channels.
 */
@Timeout(60)
class MethodStatusesTest {
  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = TestingBackbone.create();
  private static final ServedBundles bundles = new ServedBundles(backbone, runtime);

  /** A task that a call may change although its client has gone. */
  private static final String BRIEF = "brief";

  private static final String STRANGER = "sha256:" + "0".repeat(64);
  private static final String LONG = "a".repeat(5 << 20);
  private static final long PATIENT_MICROS = Duration.ofSeconds(30).toNanos() / 1000;

  private static final Map<String, Consumer<Ask>> ADMINISTRATION = new LinkedHashMap<>();
  private static final Map<String, Consumer<Ask>> MODELS = new LinkedHashMap<>();
  private static final Map<String, Ask> matters = new LinkedHashMap<>();

  private static RunningServer server;
  private static RunningServer draining;

  /**
   * What is asked for, of whom.
   *
   * @param digest the bundle or version that is named
   * @param expected what the client takes to be active; null for nothing
   * @param text of a request for an answer
   */
  private record Ask(
      RunningServer server,
      String task,
      String digest,
      @Nullable String expected,
      String text,
      long deadlineMicros) {
    static Ask of(String task) {
      return new Ask(MethodStatusesTest.server, task, "", null, "good", PATIENT_MICROS);
    }

    Ask digest(String named) {
      return new Ask(server, task, named, expected, text, deadlineMicros);
    }

    Ask expecting(String active) {
      return new Ask(server, task, digest, active, text, deadlineMicros);
    }

    Ask text(String said) {
      return new Ask(server, task, digest, expected, said, deadlineMicros);
    }

    Ask hurried() {
      return new Ask(server, task, digest, expected, text, 1);
    }

    Ask at(RunningServer other) {
      return new Ask(other, task, digest, expected, text, deadlineMicros);
    }

    AdapterServiceBlockingStub admin() {
      return timed(server.admin(AdapterServiceBlockingStub.class));
    }

    GRPCInferenceServiceBlockingStub models() {
      return timed(server.admin(GRPCInferenceServiceBlockingStub.class));
    }

    GRPCInferenceServiceBlockingStub data() {
      return timed(server.data(GRPCInferenceServiceBlockingStub.class));
    }

    private <S extends AbstractStub<S>> S timed(S stub) {
      return stub.withDeadlineAfter(deadlineMicros, TimeUnit.MICROSECONDS);
    }
  }

  static {
    ADMINISTRATION.put(
        "Activate",
        ask -> {
          ActivateRequest.Builder request = ActivateRequest.newBuilder().setTask(ask.task());
          if (!ask.digest().isEmpty()) {
            request.setDigest(ask.digest());
          }
          if (ask.expected() != null) {
            request.setExpectedActiveDigest(ask.expected());
          }
          var unused = ask.admin().activate(request.build());
        });
    ADMINISTRATION.put(
        "Rollback",
        ask -> {
          RollbackRequest.Builder request = RollbackRequest.newBuilder().setTask(ask.task());
          if (ask.expected() != null) {
            request.setExpectedActiveDigest(ask.expected());
          }
          var unused = ask.admin().rollback(request.build());
        });
    ADMINISTRATION.put(
        "Retire",
        ask -> {
          RetireRequest.Builder request = RetireRequest.newBuilder().setTask(ask.task());
          if (ask.expected() != null) {
            request.setExpectedActiveDigest(ask.expected());
          }
          var unused = ask.admin().retire(request.build());
        });
    ADMINISTRATION.put(
        "Describe",
        ask -> {
          var unused =
              ask.admin().describe(DescribeRequest.newBuilder().setTask(ask.task()).build());
        });
    ADMINISTRATION.put(
        "List",
        ask -> {
          var unused = ask.admin().list(ListRequest.getDefaultInstance());
        });
    MODELS.put(
        "ModelInfer",
        ask -> {
          var unused =
              ask.data()
                  .modelInfer(
                      ModelInferRequest.newBuilder()
                          .setModelName(ask.task())
                          .setModelVersion(ask.digest())
                          .addInputs(
                              InferInputTensor.newBuilder()
                                  .setName("text")
                                  .setDatatype("BYTES")
                                  .addShape(1)
                                  .setContents(
                                      InferTensorContents.newBuilder()
                                          .addBytesContents(ByteString.copyFromUtf8(ask.text()))))
                          .build());
        });
    MODELS.put(
        "ModelMetadata",
        ask -> {
          var unused =
              ask.data()
                  .modelMetadata(
                      ModelMetadataRequest.newBuilder()
                          .setName(ask.task())
                          .setVersion(ask.digest())
                          .build());
        });
    MODELS.put(
        "ModelReady",
        ask -> {
          var unused =
              ask.data()
                  .modelReady(
                      ModelReadyRequest.newBuilder()
                          .setName(ask.task())
                          .setVersion(ask.digest())
                          .build());
        });
    MODELS.put(
        "RepositoryModelLoad",
        ask -> {
          var unused =
              ask.models()
                  .repositoryModelLoad(
                      RepositoryModelLoadRequest.newBuilder().setModelName(ask.task()).build());
        });
    MODELS.put(
        "RepositoryModelUnload",
        ask -> {
          var unused =
              ask.models()
                  .repositoryModelUnload(
                      RepositoryModelUnloadRequest.newBuilder().setModelName(ask.task()).build());
        });
    MODELS.put(
        "RepositoryIndex",
        ask -> {
          var unused = ask.models().repositoryIndex(RepositoryIndexRequest.getDefaultInstance());
        });
  }

  @BeforeAll
  static void start(@TempDir Path directory) {
    AdapterBundle bundle = bundles.bundle(1, 1);
    server = start(directory.resolve("server"), bundle);
    draining = start(directory.resolve("draining"), bundle);
    assertThat(draining.server().drain(Duration.ofSeconds(10))).isTrue();
    String active = bundle.digest().toString();
    matters.put("unknown task", Ask.of("nobody").digest(active));
    matters.put("a name that no task can have", Ask.of("../evil").digest(active));
    matters.put("a bundle that the task does not have", Ask.of("film").digest(STRANGER));
    matters.put("no bundle named", Ask.of("film"));
    matters.put(
        "another one is active than was expected",
        Ask.of("film").digest(active).expecting(STRANGER));
    matters.put("nothing to go back to", Ask.of("film"));
    matters.put("deadline of the client passed", Ask.of(BRIEF).digest(active).hurried());
    matters.put("message of over 4 MiB", Ask.of(LONG).digest(active));
    matters.put("server drains", Ask.of("film").digest(active).at(draining));
    matters.put("unknown model", Ask.of("nobody"));
    matters.put("another version than the active one", Ask.of("film").digest(STRANGER));
    matters.put("empty text", Ask.of("film").text(" "));
    matters.put("model message of over 4 MiB", Ask.of(LONG));
    matters.put("model deadline passed", Ask.of(BRIEF).hurried());
  }

  private static RunningServer start(Path store, AdapterBundle bundle) {
    RunningServer started = new RunningServer(store, backbone, ServerSettings.defaults(), runtime);
    started.activate("film", bundle);
    started.activate(BRIEF, bundle);
    return started;
  }

  @AfterAll
  static void stop() {
    List.of(server, draining).parallelStream().forEach(RunningServer::close);
  }

  @TestFactory
  List<DynamicTest> administration_everyCellOfTheTable_isWhatAClientSees() {
    return cells("what is wrong with the change", ADMINISTRATION);
  }

  @TestFactory
  List<DynamicTest> models_everyCellOfTheTable_isWhatAClientSees() {
    return cells("what is wrong with the model", MODELS);
  }

  private static List<DynamicTest> cells(String table, Map<String, Consumer<Ask>> methods) {
    List<DynamicTest> tests = new ArrayList<>();
    for (List<String> row : StatusTable.rows(table)) {
      Ask ask = requireNonNull(matters.get(row.get(0)), row.get(0));
      int column = 1;
      for (Map.Entry<String, Consumer<Ask>> method : methods.entrySet()) {
        String cell = row.get(column++);
        if (!cell.equals("-")) {
          tests.add(
              dynamicTest(
                  row.get(0) + ": " + method.getKey(),
                  () -> assertThat(ended(method.getValue(), ask)).isEqualTo(cell)));
        }
      }
    }
    return tests;
  }

  private static String ended(Consumer<Ask> method, Ask ask) {
    try {
      method.accept(ask);
      return "OK";
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode().toString();
    }
  }
}
