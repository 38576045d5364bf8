package io.sluice.server.rpc;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.Duration;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.proto.v1.AnswerReply;
import io.sluice.proto.v1.AnswerRequest;
import io.sluice.proto.v1.BooleanAnswer;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.InferenceServiceGrpc;
import io.sluice.proto.v1.LabelScore;
import io.sluice.proto.v1.ReplyInfo;
import io.sluice.proto.v1.Timings;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.server.engine.Answer;
import io.sluice.server.engine.BooleanLabels;
import io.sluice.server.engine.Engine;
import io.sluice.server.engine.Lease;
import io.sluice.server.engine.Ticket;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** {@code sluice.v1.InferenceService} over the engine. Thread-safe; never blocks its caller. */
public final class InferenceRpc extends InferenceServiceGrpc.InferenceServiceImplBase {
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private final Engine engine;
  private final RequestLimits limits;

  public InferenceRpc(Engine engine, RequestLimits limits) {
    this.engine = requireNonNull(engine, "engine");
    this.limits = requireNonNull(limits, "limits");
  }

  @Override
  public void classify(ClassifyRequest request, StreamObserver<ClassifyReply> observer) {
    ask(
        new Question(
            request.getTask(),
            TaskKind.CLASSIFY,
            "text",
            request.getText(),
            "text_pair",
            request.hasTextPair() ? request.getTextPair() : null),
        observer,
        InferenceRpc::classified);
  }

  @Override
  public void answer(AnswerRequest request, StreamObserver<AnswerReply> observer) {
    ask(
        new Question(
            request.getTask(),
            TaskKind.ANSWER_BOOLEAN,
            "question",
            request.getQuestion(),
            "passage",
            request.getPassage()),
        observer,
        InferenceRpc::answered);
  }

  private record Question(
      String task,
      TaskKind kind,
      String firstName,
      String first,
      String secondName,
      @Nullable String second) {}

  private <R> void ask(
      Question question, StreamObserver<R> observer, BiFunction<Lease, Answer, R> reply) {
    try {
      Lease lease = admit(question);
      Ticket ticket;
      try {
        ticket = engine.ask(lease, question.first(), question.second(), Deadlines.currentNanos());
      } catch (RuntimeException | Error e) {
        lease.close();
        throw e;
      }
      var unused =
          ticket
              .answer()
              .whenComplete(
                  (answer, failure) -> {
                    try (lease) {
                      finish(lease, answer, failure, observer, reply);
                    }
                  });
      ((ServerCallStreamObserver<R>) observer).setOnCancelHandler(ticket::cancel);
    } catch (RuntimeException e) {
      observer.onError(Statuses.of(e));
    }
  }

  private static <R> void finish(
      Lease lease,
      @Nullable Answer answer,
      @Nullable Throwable failure,
      StreamObserver<R> observer,
      BiFunction<Lease, Answer, R> reply) {
    if (answer == null) {
      observer.onError(Statuses.of(failure));
      return;
    }
    R message;
    try {
      message = reply.apply(lease, answer);
    } catch (RuntimeException e) {
      observer.onError(Statuses.of(e));
      return;
    }
    observer.onNext(message);
    observer.onCompleted();
  }

  private Lease admit(Question question) {
    if (question.task().isEmpty()) {
      throw invalid("task: \"\" (expected: the name of a task)");
    }
    requireText(question.firstName(), question.first());
    String second = question.second();
    if (second != null) {
      requireText(question.secondName(), second);
    }
    Lease lease = engine.tasks().lease(question.task());
    try {
      requireSuits(question, lease.task().manifest());
      return lease;
    } catch (RuntimeException e) {
      lease.close();
      throw e;
    }
  }

  private void requireText(String name, String text) {
    if (text.isBlank()) {
      throw invalid(name + ": empty (expected: text)");
    }
    if (text.length() > limits.maxTextChars()) {
      throw invalid(
          name
              + ": "
              + text.length()
              + " characters (expected: at most "
              + limits.maxTextChars()
              + ")");
    }
  }

  private static void requireSuits(Question question, Manifest manifest) {
    if (manifest.kind() != question.kind()) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          "task \""
              + question.task()
              + "\": kind "
              + manifest.kind()
              + " (expected: "
              + question.kind()
              + " for this method)");
    }
    List<String> fields = manifest.textFields();
    int given = question.second() == null ? 1 : 2;
    if (fields.size() != given) {
      throw invalid(
          "task \""
              + question.task()
              + "\": "
              + given
              + " text(s) (expected: "
              + fields.size()
              + ": "
              + String.join(", ", fields)
              + ")");
    }
  }

  private static SluiceException invalid(String message) {
    return new SluiceException(ErrorCode.INVALID_ARGUMENT, message);
  }

  private static ClassifyReply classified(Lease lease, Answer answer) {
    Manifest manifest = lease.task().manifest();
    Scores scores = Scores.of(answer.result().logits(), manifest);
    ClassifyReply.Builder reply =
        ClassifyReply.newBuilder()
            .setLabel(manifest.labels().get(scores.best()))
            .setAbstained(scores.abstains(manifest))
            .setInfo(info(lease, answer));
    for (int i = 0; i < scores.values().length; i++) {
      reply.addScores(
          LabelScore.newBuilder()
              .setLabel(manifest.labels().get(i))
              .setScore((float) scores.values()[i]));
    }
    return reply.build();
  }

  private static AnswerReply answered(Lease lease, Answer answer) {
    Manifest manifest = lease.task().manifest();
    Scores scores = Scores.of(answer.result().logits(), manifest);
    return AnswerReply.newBuilder()
        .setBoolean(
            BooleanAnswer.newBuilder()
                .setValue(scores.best() == BooleanLabels.indexOfYes(manifest.labels()))
                .setScore((float) scores.bestValue()))
        .setAbstained(scores.abstains(manifest))
        .setInfo(info(lease, answer))
        .build();
  }

  private static ReplyInfo info(Lease lease, Answer answer) {
    return ReplyInfo.newBuilder()
        .setBundleDigest(lease.task().digest().toString())
        .setGeneration(lease.generation())
        .setTokens(answer.tokens())
        .setTruncated(answer.truncated())
        .setTimings(
            Timings.newBuilder()
                .setQueue(duration(answer.result().queueNanos()))
                .setTokenize(duration(answer.tokenizeNanos()))
                .setCompute(duration(answer.result().computeNanos())))
        .setLayersRun(answer.result().layersRun())
        .setLayersShared(answer.result().layersShared())
        .build();
  }

  private static Duration duration(long nanos) {
    return Duration.newBuilder()
        .setSeconds(nanos / NANOS_PER_SECOND)
        .setNanos((int) (nanos % NANOS_PER_SECOND))
        .build();
  }
}
