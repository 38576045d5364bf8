package io.sluice.server.rpc;

import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.LabelScore;
import io.sluice.registry.answer.ClassScores;
import io.sluice.registry.answer.LabelScores;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.server.engine.Answer;
import io.sluice.server.engine.Lease;

/** What a task says of a text, in wire messages. Stateless. */
final class ClassifyReplies {
  private ClassifyReplies() {}

  static ClassifyReply of(Lease lease, Answer answer) {
    Manifest manifest = lease.task().manifest();
    float[] logits = answer.result().logits();
    ClassifyReply.Builder reply = ClassifyReply.newBuilder().setInfo(ReplyInfos.of(lease, answer));
    if (manifest.kind() == TaskKind.REGRESS) {
      reply.setValue(logits[0]);
    } else if (manifest.kind() == TaskKind.MULTI_LABEL) {
      LabelScores scores = LabelScores.of(logits, manifest.decision());
      reply.setAbstained(scores.abstains());
      scores.said().stream().forEach(label -> reply.addLabels(manifest.labels().get(label)));
      addScores(reply, manifest, scores.values());
    } else {
      ClassScores scores = ClassScores.of(logits, manifest.decision());
      reply.setLabel(manifest.labels().get(scores.best())).setAbstained(scores.abstains());
      addScores(reply, manifest, scores.values());
    }
    return reply.build();
  }

  private static void addScores(ClassifyReply.Builder reply, Manifest manifest, double[] values) {
    for (int i = 0; i < values.length; i++) {
      reply.addScores(
          LabelScore.newBuilder().setLabel(manifest.labels().get(i)).setScore((float) values[i]));
    }
  }
}
