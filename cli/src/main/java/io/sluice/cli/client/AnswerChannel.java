package io.sluice.cli.client;

import static java.util.Objects.requireNonNull;

import com.google.rpc.Code;
import com.google.rpc.Status;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.sluice.loadtest.client.Refusals;
import io.sluice.proto.v1.AnswerReply;
import io.sluice.proto.v1.AnswerRequest;
import io.sluice.proto.v1.InferenceServiceGrpc.InferenceServiceStub;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Questions, a call each. What ends a call for the sake of the server or of the client, and not of
 * the question, breaks the channel.
 */
final class AnswerChannel implements RowChannel<AnswerRequest, AnswerReply> {
  private static final Set<io.grpc.Status.Code> BREAKS =
      Set.of(
          io.grpc.Status.Code.UNAVAILABLE,
          io.grpc.Status.Code.UNAUTHENTICATED,
          io.grpc.Status.Code.PERMISSION_DENIED,
          io.grpc.Status.Code.UNIMPLEMENTED);

  private final InferenceServiceStub stub;
  private final String server;
  private final Set<Question> underWay = ConcurrentHashMap.newKeySet();
  private @Nullable Listener<AnswerReply> listener;

  /**
   * @param stub with a timeout for each question
   * @param server the port that is asked, for messages
   */
  AnswerChannel(InferenceServiceStub stub, String server) {
    this.stub = requireNonNull(stub, "stub");
    this.server = requireNonNull(server, "server");
  }

  @Override
  public void start(Listener<AnswerReply> hears) {
    listener = hears;
  }

  @Override
  public void send(long id, AnswerRequest row) {
    stub.answer(row, new Question(id));
  }

  @Override
  public void complete() {
    listener().completed();
  }

  @Override
  public void cancel() {
    underWay.forEach(Question::cancel);
  }

  private Listener<AnswerReply> listener() {
    return requireNonNull(listener, "listener");
  }

  private Status status(Throwable failure) {
    Status told = StatusProto.fromThrowable(failure);
    return (told == null ? Status.newBuilder().setCode(Code.UNKNOWN_VALUE) : told.toBuilder())
        .setMessage(String.valueOf(Refusals.of(failure, server).getMessage()))
        .build();
  }

  /** One call. */
  private final class Question implements ClientResponseObserver<AnswerRequest, AnswerReply> {
    private final long id;
    private @Nullable ClientCallStreamObserver<AnswerRequest> call;

    Question(long id) {
      this.id = id;
    }

    void cancel() {
      requireNonNull(call, "call").cancel("not wanted any more", null);
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<AnswerRequest> started) {
      call = started;
      underWay.add(this);
    }

    @Override
    public void onNext(AnswerReply reply) {
      underWay.remove(this);
      listener().heard(id, RowOutcome.of(reply));
    }

    @Override
    public void onError(Throwable failure) {
      underWay.remove(this);
      if (BREAKS.contains(io.grpc.Status.fromThrowable(failure).getCode())) {
        listener().broken(failure);
        AnswerChannel.this.cancel();
      } else {
        listener().heard(id, RowOutcome.failed(status(failure)));
      }
    }

    @Override
    public void onCompleted() {}
  }
}
