package io.sluice.server.rpc;

import static java.util.Objects.requireNonNull;

import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.MultiClassifyReply;
import io.sluice.proto.v1.MultiClassifyRequest;
import io.sluice.proto.v1.TaskClassification;
import io.sluice.server.engine.Lease;
import io.sluice.server.engine.LiveTasks;
import io.sluice.server.engine.Visit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Labels and values of texts. Thread-safe; never blocks. A refusal is thrown. */
final class Classifier {
  private final Asking asking;

  Classifier(Asking asking) {
    this.asking = requireNonNull(asking, "asking");
  }

  /** One text of one task. */
  Pending<ClassifyReply> classify(ClassifyRequest request, @Nullable Long deadlineNanos) {
    Texts texts = texts(request);
    List<Lease> leases = asking.lease(List.of(request.getTask()), texts);
    return asking.ask(
        leases,
        texts,
        null,
        deadlineNanos,
        answers -> ClassifyReplies.of(leases.get(0), answers.get(0)));
  }

  /**
   * One text of one task, as it was leased before.
   *
   * @param leases by name of the task; stay the caller's
   * @param visit the one the row is part of
   */
  Pending<ClassifyReply> classify(
      ClassifyRequest request,
      Map<String, Lease> leases,
      Visit visit,
      @Nullable Long deadlineNanos) {
    Texts texts = texts(request);
    asking.require(List.of(request.getTask()), texts);
    Lease shared = leases.get(request.getTask());
    if (shared == null) {
      throw LiveTasks.unknown(request.getTask());
    }
    Lease lease = shared.again();
    return asking.ask(
        List.of(lease),
        texts,
        visit,
        deadlineNanos,
        answers -> ClassifyReplies.of(lease, answers.get(0)));
  }

  /** One text of several tasks of one snapshot. */
  Pending<MultiClassifyReply> classify(MultiClassifyRequest request, @Nullable Long deadlineNanos) {
    List<String> tasks = List.copyOf(request.getTasksList());
    Texts texts =
        Texts.toClassify(request.getText(), request.hasTextPair() ? request.getTextPair() : null);
    List<Lease> leases = asking.lease(tasks, texts);
    return asking.ask(
        leases,
        texts,
        null,
        deadlineNanos,
        answers -> {
          MultiClassifyReply.Builder reply = MultiClassifyReply.newBuilder();
          for (int i = 0; i < answers.size(); i++) {
            reply.addResults(
                TaskClassification.newBuilder()
                    .setTask(tasks.get(i))
                    .setReply(ClassifyReplies.of(leases.get(i), answers.get(i))));
          }
          return reply.build();
        });
  }

  private static Texts texts(ClassifyRequest request) {
    return Texts.toClassify(
        request.getText(), request.hasTextPair() ? request.getTextPair() : null);
  }
}
