package io.sluice.server.oip;

import static java.util.Objects.requireNonNull;

import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.proto.inference.GRPCInferenceServiceGrpc;
import io.sluice.proto.inference.ModelInferRequest;
import io.sluice.proto.inference.ModelInferResponse;
import io.sluice.proto.inference.ModelMetadataRequest;
import io.sluice.proto.inference.ModelMetadataResponse;
import io.sluice.proto.inference.ModelReadyRequest;
import io.sluice.proto.inference.ModelReadyResponse;
import io.sluice.proto.inference.ServerLiveRequest;
import io.sluice.proto.inference.ServerLiveResponse;
import io.sluice.proto.inference.ServerMetadataRequest;
import io.sluice.proto.inference.ServerMetadataResponse;
import io.sluice.proto.inference.ServerReadyRequest;
import io.sluice.proto.inference.ServerReadyResponse;
import io.sluice.proto.v1.AnswerRequest;
import io.sluice.proto.v1.ClassifyBatchRequest;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.InferenceServiceGrpc.InferenceServiceImplBase;
import io.sluice.proto.v1.RowReply;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.server.engine.Lease;
import io.sluice.server.engine.LiveTasks;
import io.sluice.server.rpc.Statuses;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * {@code inference.GRPCInferenceService} without administration: what a client of the Open
 * Inference Protocol asks. Thread-safe; never blocks.
 */
public class OpenInferenceRpc extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase {
  private static final String PLATFORM = "sluice_onnxruntime";

  private final LiveTasks tasks;
  private final InferenceServiceImplBase inference;
  private final BooleanSupplier ready;
  private final String version;

  /**
   * @param inference is asked everything that is inferred
   * @param ready whether requests are accepted now
   */
  public OpenInferenceRpc(
      LiveTasks tasks, InferenceServiceImplBase inference, BooleanSupplier ready) {
    this.tasks = requireNonNull(tasks, "tasks");
    this.inference = requireNonNull(inference, "inference");
    this.ready = requireNonNull(ready, "ready");
    this.version = version();
  }

  @Override
  public void serverLive(ServerLiveRequest request, StreamObserver<ServerLiveResponse> observer) {
    reply(observer, ServerLiveResponse.newBuilder().setLive(true).build());
  }

  @Override
  public void serverReady(
      ServerReadyRequest request, StreamObserver<ServerReadyResponse> observer) {
    reply(observer, ServerReadyResponse.newBuilder().setReady(ready.getAsBoolean()).build());
  }

  @Override
  public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> observer) {
    boolean serves;
    try {
      lease(request.getName(), request.getVersion()).close();
      serves = ready.getAsBoolean();
    } catch (SluiceException e) {
      serves = false;
    }
    reply(observer, ModelReadyResponse.newBuilder().setReady(serves).build());
  }

  @Override
  public void serverMetadata(
      ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> observer) {
    reply(
        observer,
        ServerMetadataResponse.newBuilder()
            .setName("sluice")
            .setVersion(version)
            .addExtensions("model_repository")
            .build());
  }

  @Override
  public void modelMetadata(
      ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> observer) {
    try (Lease lease = lease(request.getName(), request.getVersion())) {
      Manifest manifest = lease.task().manifest();
      reply(
          observer,
          ModelMetadataResponse.newBuilder()
              .setName(request.getName())
              .addVersions(lease.task().digest().toString())
              .setPlatform(PLATFORM)
              .addAllInputs(ModelTensors.inputs(manifest))
              .addAllOutputs(ModelTensors.outputs(manifest))
              .build());
    } catch (SluiceException e) {
      observer.onError(Statuses.of(e));
    }
  }

  @Override
  public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> observer) {
    try {
      TaskKind kind;
      TextInputs inputs;
      try (Lease lease = lease(request.getModelName(), request.getModelVersion())) {
        Manifest manifest = lease.task().manifest();
        kind = manifest.kind();
        inputs = TextInputs.of(request, manifest.textFields());
        InferReply.requireOutputs(request, ModelTensors.outputs(manifest));
      }
      switch (kind) {
        case CLASSIFY, MULTI_LABEL, REGRESS -> classify(request, kind, inputs, observer);
        case ANSWER_BOOLEAN, ANSWER_SPAN -> answer(request, inputs, observer);
      }
    } catch (SluiceException e) {
      observer.onError(Statuses.of(e));
    }
  }

  private void classify(
      ModelInferRequest request,
      TaskKind kind,
      TextInputs inputs,
      StreamObserver<ModelInferResponse> observer) {
    ClassifyBatchRequest.Builder rows = ClassifyBatchRequest.newBuilder();
    for (int row = 0; row < inputs.rows(); row++) {
      ClassifyRequest.Builder one =
          ClassifyRequest.newBuilder().setTask(request.getModelName()).setText(inputs.text(0, row));
      if (inputs.byField().size() > 1) {
        one.setTextPair(inputs.text(1, row));
      }
      rows.addRows(one);
    }
    inference.classifyBatch(
        rows.build(),
        Relay.cancelledWith(
            observer,
            batch -> {
              List<ClassifyReply> replies = new ArrayList<>();
              for (RowReply row : batch.getRowsList()) {
                if (row.hasError()) {
                  observer.onError(StatusProto.toStatusRuntimeException(row.getError()));
                  return;
                }
                replies.add(row.getReply());
              }
              boolean truncated = replies.stream().anyMatch(row -> row.getInfo().getTruncated());
              send(
                  observer,
                  () ->
                      InferReply.of(
                          request,
                          replies.get(0).getInfo(),
                          truncated,
                          ModelTensors.of(kind, replies)));
            }));
  }

  private void answer(
      ModelInferRequest request, TextInputs inputs, StreamObserver<ModelInferResponse> observer) {
    if (inputs.rows() != 1) {
      throw TextInputs.invalid(
          "inputs: " + inputs.rows() + " rows (expected: 1, for a task that answers questions)");
    }
    inference.answer(
        AnswerRequest.newBuilder()
            .setTask(request.getModelName())
            .setQuestion(inputs.text(0, 0))
            .setPassage(inputs.text(1, 0))
            .build(),
        Relay.cancelledWith(
            observer,
            answer ->
                send(
                    observer,
                    () ->
                        InferReply.of(
                            request,
                            answer.getInfo(),
                            answer.getInfo().getTruncated(),
                            ModelTensors.of(answer)))));
  }

  private Lease lease(String name, String version) {
    if (name.isEmpty()) {
      throw TextInputs.invalid("model_name: \"\" (expected: the name of a task)");
    }
    Lease lease = tasks.lease(name);
    String active = lease.task().digest().toString();
    if (!version.isEmpty() && !version.equals(active)) {
      lease.close();
      throw new SluiceException(
          ErrorCode.NOT_FOUND,
          "version: \"" + version + "\" (expected: \"\" or " + active + ", which is active)");
    }
    return lease;
  }

  /** The version of this build. */
  private static String version() {
    Properties properties = new Properties();
    try (InputStream in =
        OpenInferenceRpc.class.getResourceAsStream("/io/sluice/server/version.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version", "unknown");
  }

  /** A reply that is made on the engine's thread: whatever fails there must end the call. */
  private static <R> void send(StreamObserver<R> observer, Supplier<R> make) {
    R reply;
    try {
      reply = make.get();
    } catch (RuntimeException e) {
      observer.onError(Statuses.of(e));
      return;
    }
    reply(observer, reply);
  }

  private static <R> void reply(StreamObserver<R> observer, R reply) {
    observer.onNext(reply);
    observer.onCompleted();
  }
}
