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
import io.sluice.proto.v1.MultiClassifyReply;
import io.sluice.proto.v1.MultiClassifyRequest;
import io.sluice.proto.v1.ReplyInfo;
import io.sluice.proto.v1.TaskClassification;
import io.sluice.proto.v1.Timings;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.server.engine.Answer;
import io.sluice.server.engine.BooleanLabels;
import io.sluice.server.engine.Engine;
import io.sluice.server.engine.Lease;
import io.sluice.server.engine.LoadedTask;
import io.sluice.server.engine.Ticket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
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
        Question.classify(
            List.of(request.getTask()),
            request.getText(),
            request.hasTextPair() ? request.getTextPair() : null),
        observer,
        answered -> classified(answered.get(0)));
  }

  @Override
  public void multiClassify(
      MultiClassifyRequest request, StreamObserver<MultiClassifyReply> observer) {
    ask(
        Question.classify(
            List.copyOf(request.getTasksList()),
            request.getText(),
            request.hasTextPair() ? request.getTextPair() : null),
        observer,
        InferenceRpc::allClassified);
  }

  @Override
  public void answer(AnswerRequest request, StreamObserver<AnswerReply> observer) {
    ask(
        new Question(
            List.of(request.getTask()),
            TaskKind.ANSWER_BOOLEAN,
            "question",
            request.getQuestion(),
            "passage",
            request.getPassage()),
        observer,
        answered -> answered(answered.get(0)));
  }

  private record Question(
      List<String> tasks,
      TaskKind kind,
      String firstName,
      String first,
      String secondName,
      @Nullable String second) {

    static Question classify(List<String> tasks, String text, @Nullable String pair) {
      return new Question(tasks, TaskKind.CLASSIFY, "text", text, "text_pair", pair);
    }
  }

  /** What one task made of the text. */
  private record Answered(Lease lease, Answer answer) {}

  private <R> void ask(
      Question question, StreamObserver<R> observer, Function<List<Answered>, R> reply) {
    try {
      List<Lease> leases = admit(question);
      List<Ticket> tickets;
      try {
        tickets = engine.ask(leases, question.first(), question.second(), Deadlines.currentNanos());
      } catch (RuntimeException | Error e) {
        leases.forEach(Lease::close);
        throw e;
      }
      var unused =
          CompletableFuture.allOf(
                  tickets.stream().map(Ticket::answer).toArray(CompletableFuture<?>[]::new))
              .whenComplete(
                  (nothing, failure) -> {
                    try {
                      finish(leases, tickets, failure, observer, reply);
                    } finally {
                      leases.forEach(Lease::close);
                    }
                  });
      ((ServerCallStreamObserver<R>) observer)
          .setOnCancelHandler(() -> tickets.forEach(Ticket::cancel));
    } catch (RuntimeException e) {
      observer.onError(Statuses.of(e));
    }
  }

  private static <R> void finish(
      List<Lease> leases,
      List<Ticket> tickets,
      @Nullable Throwable failure,
      StreamObserver<R> observer,
      Function<List<Answered>, R> reply) {
    if (failure != null) {
      observer.onError(Statuses.of(failure));
      return;
    }
    R message;
    try {
      List<Answered> answered = new ArrayList<>(leases.size());
      for (int i = 0; i < leases.size(); i++) {
        answered.add(new Answered(leases.get(i), tickets.get(i).answer().join()));
      }
      message = reply.apply(answered);
    } catch (RuntimeException e) {
      observer.onError(Statuses.of(e));
      return;
    }
    observer.onNext(message);
    observer.onCompleted();
  }

  private List<Lease> admit(Question question) {
    requireTasks(question.tasks());
    requireText(question.firstName(), question.first());
    String second = question.second();
    if (second != null) {
      requireText(question.secondName(), second);
    }
    List<Lease> leases = engine.tasks().lease(question.tasks());
    try {
      leases.forEach(lease -> requireSuits(question, lease.task()));
      return leases;
    } catch (RuntimeException e) {
      leases.forEach(Lease::close);
      throw e;
    }
  }

  private void requireTasks(List<String> tasks) {
    if (tasks.isEmpty() || tasks.size() > limits.maxTasks()) {
      throw invalid(
          "tasks: " + tasks.size() + " (expected: 1 to " + limits.maxTasks() + " of them)");
    }
    Set<String> seen = new HashSet<>();
    for (String task : tasks) {
      if (task.isEmpty()) {
        throw invalid("task: \"\" (expected: the name of a task)");
      }
      if (!seen.add(task)) {
        throw invalid("tasks: \"" + task + "\" twice (expected: each once)");
      }
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

  private static void requireSuits(Question question, LoadedTask task) {
    Manifest manifest = task.manifest();
    if (manifest.kind() != question.kind()) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          "task \""
              + task.name()
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
              + task.name()
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

  private static MultiClassifyReply allClassified(List<Answered> all) {
    MultiClassifyReply.Builder reply = MultiClassifyReply.newBuilder();
    for (Answered answered : all) {
      reply.addResults(
          TaskClassification.newBuilder()
              .setTask(answered.lease().task().name())
              .setReply(classified(answered)));
    }
    return reply.build();
  }

  private static ClassifyReply classified(Answered answered) {
    Manifest manifest = answered.lease().task().manifest();
    Scores scores = Scores.of(answered.answer().result().logits(), manifest);
    ClassifyReply.Builder reply =
        ClassifyReply.newBuilder()
            .setLabel(manifest.labels().get(scores.best()))
            .setAbstained(scores.abstains(manifest))
            .setInfo(info(answered));
    for (int i = 0; i < scores.values().length; i++) {
      reply.addScores(
          LabelScore.newBuilder()
              .setLabel(manifest.labels().get(i))
              .setScore((float) scores.values()[i]));
    }
    return reply.build();
  }

  private static AnswerReply answered(Answered answered) {
    Manifest manifest = answered.lease().task().manifest();
    Scores scores = Scores.of(answered.answer().result().logits(), manifest);
    return AnswerReply.newBuilder()
        .setBoolean(
            BooleanAnswer.newBuilder()
                .setValue(scores.best() == BooleanLabels.indexOfYes(manifest.labels()))
                .setScore((float) scores.bestValue()))
        .setAbstained(scores.abstains(manifest))
        .setInfo(info(answered))
        .build();
  }

  private static ReplyInfo info(Answered answered) {
    Lease lease = answered.lease();
    Answer answer = answered.answer();
    return ReplyInfo.newBuilder()
        .setBundleDigest(lease.task().digest().toString())
        .setGeneration(lease.generation())
        .setTokens(answer.tokens())
        .setTruncated(answer.truncated())
        .setTimings(
            Timings.newBuilder()
                .setQueue(duration(answer.result().queueNanos()))
                .setTokenize(duration(answer.tokenizeNanos()))
                .setCompute(duration(answer.result().computeNanos()))
                .setMarginal(duration(answer.result().marginalNanos())))
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
