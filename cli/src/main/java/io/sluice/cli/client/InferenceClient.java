package io.sluice.cli.client;

import static java.util.Objects.requireNonNull;

import io.grpc.StatusRuntimeException;
import io.sluice.loadtest.client.Refusals;
import io.sluice.proto.v1.AnswerReply;
import io.sluice.proto.v1.AnswerRequest;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.InferenceServiceGrpc.InferenceServiceBlockingStub;
import io.sluice.proto.v1.InferenceServiceGrpc.InferenceServiceStub;
import io.sluice.proto.v1.MultiClassifyReply;
import io.sluice.proto.v1.MultiClassifyRequest;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks a server. Blocking, thread-safe; many threads may share one. */
public final class InferenceClient {
  /** Twice of what a server reads ahead of a stream, so that it always has some to read. */
  private static final int ROWS_AT_A_TIME = 128;

  /** A server lets so many wait, of a few windows each, before it thinks of refusing. */
  private static final int QUESTIONS_AT_A_TIME = 4;

  private final Connection connection;
  private final String server;
  private final Duration timeout;
  private final InferenceServiceBlockingStub stub;

  /**
   * @param connection to the server's inference port
   */
  public InferenceClient(Connection connection) {
    this.connection = requireNonNull(connection, "connection");
    this.server = connection.endpoint().toString();
    this.timeout = connection.timeout();
    this.stub = connection.stub(InferenceServiceBlockingStub.class);
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
      throw Refusals.of(e, server);
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
      throw Refusals.of(e, server);
    }
  }

  /**
   * Rows on one stream: read and sent as the server takes them. What a full queue refuses is sent
   * again after a while, and what has no answer goes to the next stream when the server ends one.
   *
   * @param each hears the outcomes in the order of the rows, on another thread; blocks the stream
   *     while it works
   * @throws io.sluice.backbone.SluiceException when the stream breaks, or no reply comes within the
   *     timeout; what {@code each} throws is passed on, and what {@code rows} throws, once the rows
   *     before are answered
   */
  public void classifyAll(
      Iterator<ClassifyRequest> rows, Consumer<RowOutcome<ClassifyReply>> each) {
    InferenceServiceStub patient =
        connection
            .builder()
            .responseTimeoutMillis(0)
            .maxResponseLength(0)
            .build(InferenceServiceStub.class);
    send(
        new RowCall<>(
            () -> new ClassifyChannel(patient), ROWS_AT_A_TIME, each, timeout, Backoff.standard()),
        rows);
  }

  /** The answer to a question about a passage. */
  public AnswerReply answer(String task, String question, String passage) {
    try {
      return stub.answer(
          AnswerRequest.newBuilder()
              .setTask(task)
              .setQuestion(question)
              .setPassage(passage)
              .build());
    } catch (StatusRuntimeException e) {
      throw Refusals.of(e, server);
    }
  }

  /**
   * Questions, a few under way at a time, with what is sent again as in {@link #classifyAll}.
   *
   * @param each hears the outcomes in the order of the questions, on another thread
   * @throws io.sluice.backbone.SluiceException when the server is not there or lets nobody ask;
   *     what {@code each} and {@code questions} throw is passed on as there
   */
  public void answerAll(Iterator<AnswerRequest> questions, Consumer<RowOutcome<AnswerReply>> each) {
    InferenceServiceStub asking = connection.stub(InferenceServiceStub.class);
    // Each question has the timeout to itself: a quiet server ends them before the call.
    Duration patience = timeout.multipliedBy(2);
    send(
        new RowCall<>(
            () -> new AnswerChannel(asking, server),
            QUESTIONS_AT_A_TIME,
            each,
            patience,
            Backoff.standard()),
        questions);
  }

  private <Q, R> void send(RowCall<Q, R> call, Iterator<Q> rows) {
    try {
      call.send(rows);
    } catch (StatusRuntimeException e) {
      throw Refusals.of(e, server);
    }
  }
}
