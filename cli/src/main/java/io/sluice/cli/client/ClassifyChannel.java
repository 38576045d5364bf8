package io.sluice.cli.client;

import static java.util.Objects.requireNonNull;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.ClassifyStreamReply;
import io.sluice.proto.v1.ClassifyStreamRequest;
import io.sluice.proto.v1.InferenceServiceGrpc.InferenceServiceStub;
import io.sluice.proto.v1.RowReply;
import org.jspecify.annotations.Nullable;

/** Texts to classify, all of them on one stream. */
final class ClassifyChannel
    implements RowChannel<ClassifyRequest, ClassifyReply>,
        ClientResponseObserver<ClassifyStreamRequest, ClassifyStreamReply> {
  private final InferenceServiceStub stub;
  private @Nullable Listener<ClassifyReply> listener;
  private @Nullable ClientCallStreamObserver<ClassifyStreamRequest> requests;

  /**
   * @param stub without a timeout
   */
  ClassifyChannel(InferenceServiceStub stub) {
    this.stub = requireNonNull(stub, "stub");
  }

  @Override
  public void start(Listener<ClassifyReply> hears) {
    listener = hears;
    var unused = stub.classifyStream(this);
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<ClassifyStreamRequest> stream) {
    requests = stream;
  }

  @Override
  public void send(long id, ClassifyRequest row) {
    requests().onNext(ClassifyStreamRequest.newBuilder().setId(id).setRow(row).build());
  }

  @Override
  public void complete() {
    requests().onCompleted();
  }

  @Override
  public void cancel() {
    requests().cancel("not wanted any more", null);
  }

  @Override
  public void onNext(ClassifyStreamReply message) {
    RowReply row = message.getRow();
    listener()
        .heard(
            message.getId(),
            row.hasError() ? RowOutcome.failed(row.getError()) : RowOutcome.of(row.getReply()));
  }

  @Override
  public void onError(Throwable failure) {
    listener().broken(failure);
  }

  @Override
  public void onCompleted() {
    listener().completed();
  }

  private ClientCallStreamObserver<ClassifyStreamRequest> requests() {
    return requireNonNull(requests, "requests");
  }

  private Listener<ClassifyReply> listener() {
    return requireNonNull(listener, "listener");
  }
}
