package io.sluice.server.rpc;

import static java.util.Objects.requireNonNull;

import io.sluice.proto.v1.AnswerReply;
import io.sluice.proto.v1.AnswerRequest;
import io.sluice.proto.v1.BooleanAnswer;
import io.sluice.proto.v1.SpanAnswer;
import io.sluice.registry.answer.BooleanLabels;
import io.sluice.registry.answer.ClassScores;
import io.sluice.registry.answer.SpanSearch;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.server.engine.Answer;
import io.sluice.server.engine.Lease;
import io.sluice.server.engine.PassageAnswer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers to questions about passages. Thread-safe; never blocks. A refusal is thrown. */
final class Answerer {
  private final Asking asking;

  Answerer(Asking asking) {
    this.asking = requireNonNull(asking, "asking");
  }

  Pending<AnswerReply> answer(AnswerRequest request, @Nullable Long deadlineNanos) {
    Texts texts = Texts.toAnswer(request.getQuestion(), request.getPassage());
    List<Lease> leases = asking.lease(List.of(request.getTask()), texts);
    Lease lease = leases.get(0);
    if (lease.task().manifest().kind() == TaskKind.ANSWER_SPAN) {
      return asking.askPassage(
          lease, texts, deadlineNanos, answer -> span(lease, answer, request.getPassage()));
    }
    return asking.ask(
        leases, texts, null, deadlineNanos, answers -> yesOrNo(lease, answers.get(0)));
  }

  private static AnswerReply yesOrNo(Lease lease, Answer answer) {
    Manifest manifest = lease.task().manifest();
    ClassScores scores = ClassScores.of(answer.result().logits(), manifest.decision());
    return AnswerReply.newBuilder()
        .setBoolean(
            BooleanAnswer.newBuilder()
                .setValue(scores.best() == BooleanLabels.indexOfYes(manifest.labels()))
                .setScore((float) scores.bestValue()))
        .setAbstained(scores.abstains())
        .setInfo(ReplyInfos.of(lease, answer))
        .build();
  }

  private static AnswerReply span(Lease lease, PassageAnswer answer, String passage) {
    Manifest manifest = lease.task().manifest();
    SpanSearch.Found found =
        SpanSearch.best(
            answer.windows(),
            answer.results().stream().map(row -> row.logits()).toList(),
            manifest.temperature());
    return AnswerReply.newBuilder()
        .setSpan(
            SpanAnswer.newBuilder()
                .setText(found.of(passage))
                .setStart(passage.codePointCount(0, found.start()))
                .setEnd(passage.codePointCount(0, found.end()))
                .setScore((float) found.score())
                .setNoAnswer((float) found.noAnswer()))
        .setAbstained(found.abstains(manifest.decision()))
        .setInfo(ReplyInfos.of(lease, answer))
        .build();
  }
}
