package io.sluice.server.testing;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.sluice.proto.inference.InferTensorContents;
import io.sluice.proto.inference.ModelInferRequest;
import io.sluice.proto.inference.ModelMetadataRequest;
import io.sluice.proto.inference.ModelReadyRequest;
import io.sluice.proto.inference.RepositoryIndexRequest;
import io.sluice.proto.inference.RepositoryModelLoadRequest;
import io.sluice.proto.inference.RepositoryModelUnloadRequest;
import io.sluice.proto.v1.ActivateRequest;
import io.sluice.proto.v1.AnswerRequest;
import io.sluice.proto.v1.BundleHeader;
import io.sluice.proto.v1.ClassifyBatchRequest;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.ClassifyStreamRequest;
import io.sluice.proto.v1.MultiClassifyRequest;
import io.sluice.proto.v1.RegisterBundleRequest;
import io.sluice.proto.v1.RetireRequest;
import io.sluice.proto.v1.RollbackRequest;
import io.sluice.registry.bundle.AdapterBundle;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Random;

/**
 * Good requests, one and more of each method: of the tasks {@code film} and {@code spans}, and of
 * {@code spare}, which they bring in, move and take out again in their order.
 */
public final class Specimens {
  /**
   * A call over gRPC.
   *
   * @param admin whether it is for the admin port
   */
  public record Call(boolean admin, String method, List<MessageLite> messages) {
    /** As it goes over the wire. */
    public byte[] body() {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      messages.forEach(message -> body.writeBytes(BareClient.framed(message.toByteArray())));
      return body.toByteArray();
    }

    /** The same with one of the messages damaged, and framed as if it were not. */
    public byte[] damagedBody(Random random) {
      int damaged = random.nextInt(messages.size());
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      for (int i = 0; i < messages.size(); i++) {
        byte[] message = messages.get(i).toByteArray();
        body.writeBytes(BareClient.framed(i == damaged ? Mutants.of(message, random) : message));
      }
      return body.toByteArray();
    }
  }

  /** A request over HTTP. */
  public record Form(boolean admin, String path, String json) {}

  private Specimens() {}

  public static ClassifyRequest film() {
    return ClassifyRequest.newBuilder().setTask("film").setText("a good film").build();
  }

  /**
   * Calls over gRPC.
   *
   * @param spare the bundle of {@code spare}
   * @param other another one
   */
  public static List<Call> calls(AdapterBundle spare, AdapterBundle other) {
    AnswerRequest answer =
        AnswerRequest.newBuilder()
            .setTask("spans")
            .setQuestion("who was it")
            .setPassage("the old film was good")
            .build();
    String digest = spare.digest().toString();
    return List.of(
        data("sluice.v1.InferenceService/Classify", film()),
        data(
            "sluice.v1.InferenceService/MultiClassify",
            MultiClassifyRequest.newBuilder().addTasks("film").setText("good").build()),
        data(
            "sluice.v1.InferenceService/ClassifyBatch",
            ClassifyBatchRequest.newBuilder().addRows(film()).addRows(film()).build()),
        data(
            "sluice.v1.InferenceService/ClassifyStream",
            ClassifyStreamRequest.newBuilder().setId(1).setRow(film()).build(),
            ClassifyStreamRequest.newBuilder().setId(2).setRow(film()).build()),
        data("sluice.v1.InferenceService/Answer", answer),
        data("inference.GRPCInferenceService/ModelInfer", tensors()),
        data(
            "inference.GRPCInferenceService/ModelReady",
            ModelReadyRequest.newBuilder().setName("film").build()),
        data(
            "inference.GRPCInferenceService/ModelMetadata",
            ModelMetadataRequest.newBuilder().setName("film").build()),
        data(
            "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            ServerReflectionRequest.newBuilder()
                .setFileContainingSymbol("sluice.v1.InferenceService")
                .build()),
        registration(spare),
        admin(
            "sluice.v1.AdapterService/Activate",
            ActivateRequest.newBuilder().setTask("spare").setDigest(digest).build()),
        admin(
            "inference.GRPCInferenceService/RepositoryModelUnload",
            RepositoryModelUnloadRequest.newBuilder().setModelName("spare").build()),
        admin(
            "inference.GRPCInferenceService/RepositoryModelLoad",
            RepositoryModelLoadRequest.newBuilder().setModelName("spare").build()),
        admin(
            "inference.GRPCInferenceService/RepositoryIndex",
            RepositoryIndexRequest.newBuilder().setReady(true).build()),
        admin(
            "sluice.v1.AdapterService/Retire", RetireRequest.newBuilder().setTask("spare").build()),
        registration(other),
        registration(spare),
        admin(
            "sluice.v1.AdapterService/Rollback",
            RollbackRequest.newBuilder().setTask("spare").build()));
  }

  /** Of the bundle as {@code spare}, active at once. */
  private static Call registration(AdapterBundle bundle) {
    BundleHeader header = BundleHeader.newBuilder().setTask("spare").setActivate(true).build();
    return admin(
        "sluice.v1.AdapterService/RegisterBundle",
        RegisterBundleRequest.newBuilder().setHeader(header).build(),
        RegisterBundleRequest.newBuilder().setChunk(ByteString.copyFrom(bundle.bytes())).build());
  }

  private static ModelInferRequest tensors() {
    return ModelInferRequest.newBuilder()
        .setModelName("film")
        .addInputs(
            ModelInferRequest.InferInputTensor.newBuilder()
                .setName("text")
                .setDatatype("BYTES")
                .addShape(1)
                .setContents(
                    InferTensorContents.newBuilder()
                        .addBytesContents(ByteString.copyFromUtf8("a good film"))))
        .build();
  }

  /** Requests over HTTP. */
  public static List<Form> forms() {
    String row = "{\"task\": \"film\", \"text\": \"a good film\"}";
    return List.of(
        new Form(false, "/v1/tasks/film:classify", "{\"text\": \"a good film\"}"),
        new Form(false, "/v1/tasks:classify", "{\"tasks\": [\"film\"], \"text\": \"good\"}"),
        new Form(false, "/v1/tasks:classifyBatch", "{\"rows\": [" + row + ", " + row + "]}"),
        new Form(
            false,
            "/v1/tasks/spans:answer",
            "{\"question\": \"who was it\", \"passage\": \"the old film was good\"}"),
        new Form(
            false,
            "/v2/models/film/infer",
            "{\"inputs\": [{\"name\": \"text\", \"datatype\": \"BYTES\", \"shape\": [1],"
                + " \"data\": [\"a good film\"]}]}"),
        new Form(true, "/v1/tasks/spare:activate", "{\"revision\": 1}"),
        new Form(true, "/v1/tasks/spare:rollback", "{\"expectedActiveDigest\": \"sha256:00\"}"),
        new Form(true, "/v1/tasks/none:retire", "{\"expectedActiveDigest\": \"sha256:00\"}"),
        new Form(true, "/v2/repository/index", "{\"ready\": true}"));
  }

  private static Call data(String method, MessageLite... messages) {
    return new Call(false, method, List.of(messages));
  }

  private static Call admin(String method, MessageLite... messages) {
    return new Call(true, method, List.of(messages));
  }
}
