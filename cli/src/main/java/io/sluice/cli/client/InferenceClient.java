package io.sluice.cli.client;

import static java.util.Objects.requireNonNull;

import io.grpc.StatusRuntimeException;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.proto.v1.AnswerReply;
import io.sluice.proto.v1.AnswerRequest;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.InferenceServiceGrpc.InferenceServiceBlockingStub;
import io.sluice.proto.v1.InferenceServiceGrpc.InferenceServiceFutureStub;
import io.sluice.proto.v1.InferenceServiceGrpc.InferenceServiceStub;
import io.sluice.proto.v1.MultiClassifyReply;
import io.sluice.proto.v1.MultiClassifyRequest;
import io.sluice.proto.v1.RowReply;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks a server. Blocking, thread-safe; many threads may share one. */
public final class InferenceClient {
  private final Connection connection;
  private final Endpoint endpoint;
  private final Duration timeout;
  private final InferenceServiceBlockingStub stub;
  private final InferenceServiceFutureStub later;

  /**
   * @param connection to the server's inference port
   */
  public InferenceClient(Connection connection) {
    this.connection = requireNonNull(connection, "connection");
    this.endpoint = connection.endpoint();
    this.timeout = connection.timeout();
    this.stub = connection.stub(InferenceServiceBlockingStub.class);
    this.later = connection.stub(InferenceServiceFutureStub.class);
  }

  /**
   * Over plain text, without a token.
   *
   * @param endpoint the server's inference port
   * @param timeout of one request
   */
  public InferenceClient(Endpoint endpoint, Duration timeout) {
    this(Connection.plain(endpoint, timeout));
  }

  /** The label of a text, or of a pair of texts. */
  public ClassifyReply classify(String task, String text, @Nullable String pair) {
    ClassifyRequest.Builder request = ClassifyRequest.newBuilder().setTask(task).setText(text);
    if (pair != null) {
      request.setTextPair(pair);
    }
    try {
      return stub.classify(request.build());
    } catch (StatusRuntimeException e) {
      throw Refusals.of(e, endpoint);
    }
  }

  /** The labels of a text, or of a pair of texts, under several tasks. */
  public MultiClassifyReply classify(List<String> tasks, String text, @Nullable String pair) {
    MultiClassifyRequest.Builder request =
        MultiClassifyRequest.newBuilder().addAllTasks(tasks).setText(text);
    if (pair != null) {
      request.setTextPair(pair);
    }
    try {
      return stub.multiClassify(request.build());
    } catch (StatusRuntimeException e) {
      throw Refusals.of(e, endpoint);
    }
  }

  /**
   * Rows on one stream: read and sent as the server takes them. What a full queue refuses is sent
   * again after a while, and what has no answer goes to the next stream when the server ends one.
   *
   * @param each hears the replies in the order of the rows, on another thread; blocks the stream
   *     while it works
   * @throws io.sluice.backbone.SluiceException when the stream breaks, or no reply comes within the
   *     timeout; what {@code each} throws is passed on, and what {@code rows} throws, once the rows
   *     before are answered
   */
  public void classifyAll(Iterator<ClassifyRequest> rows, Consumer<RowReply> each) {
    InferenceServiceStub patient =
        connection
            .builder()
            .responseTimeoutMillis(0)
            .maxResponseLength(0)
            .build(InferenceServiceStub.class);
    try {
      new RowStreamCall(patient, each, timeout, Backoff.standard()).send(rows);
    } catch (StatusRuntimeException e) {
      throw Refusals.of(e, endpoint);
    }
  }

  /** The answer to a question about a passage. */
  public AnswerReply answer(String task, String question, String passage) {
    try {
      return stub.answer(question(task, question, passage));
    } catch (StatusRuntimeException e) {
      throw Refusals.of(e, endpoint);
    }
  }

  /** The same without waiting for it; {@link #join} does. */
  public Future<AnswerReply> answerLater(String task, String question, String passage) {
    return later.answer(question(task, question, passage));
  }

  /**
   * Waits for an answer.
   *
   * @throws io.sluice.backbone.SluiceException when there is none
   */
  public AnswerReply join(Future<AnswerReply> answer) {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw Refusals.of(e.getCause() == null ? e : e.getCause(), endpoint);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SluiceException(ErrorCode.CANCELLED, "interrupted (expected: an answer)", e);
    }
  }

  /** Waits until an answer is there or certainly not. */
  public void settle(Future<AnswerReply> answer) {
    try {
      join(answer);
    } catch (SluiceException e) {
      // Whoever joins it will be told.
    }
  }

  private static AnswerRequest question(String task, String question, String passage) {
    return AnswerRequest.newBuilder()
        .setTask(task)
        .setQuestion(question)
        .setPassage(passage)
        .build();
  }
}
