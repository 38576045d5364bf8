package io.sluice.cli.client;

import static java.util.Objects.requireNonNull;

import com.linecorp.armeria.client.grpc.GrpcClients;
import io.grpc.StatusRuntimeException;
import io.sluice.proto.v1.AnswerReply;
import io.sluice.proto.v1.AnswerRequest;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.InferenceServiceGrpc.InferenceServiceBlockingStub;
import io.sluice.proto.v1.MultiClassifyReply;
import io.sluice.proto.v1.MultiClassifyRequest;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks a server. Blocking, thread-safe; many threads may share one. */
public final class InferenceClient {
  private final Endpoint endpoint;
  private final InferenceServiceBlockingStub stub;

  /**
   * @param endpoint the server's inference port
   * @param timeout of one request
   */
  public InferenceClient(Endpoint endpoint, Duration timeout) {
    this.endpoint = requireNonNull(endpoint, "endpoint");
    this.stub =
        GrpcClients.builder("gproto+http://" + endpoint.authority())
            .responseTimeout(timeout)
            .build(InferenceServiceBlockingStub.class);
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
      throw Refusals.of(e, endpoint);
    }
  }
}
