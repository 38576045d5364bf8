package io.sluice.cli.rows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.rpc.Status;
import io.sluice.proto.v1.AnswerReply;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.LabelScore;
import io.sluice.proto.v1.ReplyInfo;
import io.sluice.proto.v1.SpanAnswer;
import org.jspecify.annotations.Nullable;

/** Replies as JSON objects, one a line. Stateless. */
public final class ReplyJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private ReplyJson() {}

  /** What a line begins with: the row's own name if it has one, its line, the task. */
  public static ObjectNode begin(@Nullable JsonNode id, long row, String task) {
    ObjectNode line = JSON.objectNode();
    if (id != null) {
      line.set("id", id);
    }
    return line.put("row", row).put("task", task);
  }

  /**
   * Adds a label, labels or a value.
   *
   * @param all every label's score, and not only that of the best
   */
  public static ObjectNode add(ObjectNode line, ClassifyReply reply, boolean all) {
    if (reply.hasValue()) {
      line.put("value", reply.getValue());
    } else if (reply.getLabel().isEmpty()) {
      reply.getLabelsList().forEach(line.putArray("labels")::add);
    } else {
      line.put("label", reply.getLabel()).put("score", score(reply, reply.getLabel()));
    }
    if (all && reply.getScoresCount() > 0) {
      ObjectNode scores = line.putObject("scores");
      reply.getScoresList().forEach(score -> scores.put(score.getLabel(), score.getScore()));
    }
    line.put("abstained", reply.getAbstained());
    return add(line, reply.getInfo());
  }

  /** Adds yes, no or a span with its place in code points. */
  public static ObjectNode add(ObjectNode line, AnswerReply reply) {
    if (reply.hasSpan()) {
      SpanAnswer span = reply.getSpan();
      line.put("answer", span.getText())
          .put("start", span.getStart())
          .put("end", span.getEnd())
          .put("score", span.getScore())
          .put("no_answer", span.getNoAnswer());
    } else {
      line.put("answer", reply.getBoolean().getValue()).put("score", reply.getBoolean().getScore());
    }
    line.put("abstained", reply.getAbstained());
    return add(line, reply.getInfo());
  }

  /** Adds why there is no answer. */
  public static ObjectNode addError(ObjectNode line, Status error) {
    String code = io.grpc.Status.fromCodeValue(error.getCode()).getCode().name();
    line.putObject("error").put("code", code).put("message", error.getMessage());
    return line;
  }

  private static ObjectNode add(ObjectNode line, ReplyInfo info) {
    return line.put("truncated", info.getTruncated()).put("bundle", info.getBundleDigest());
  }

  private static float score(ClassifyReply reply, String label) {
    return reply.getScoresList().stream()
        .filter(score -> score.getLabel().equals(label))
        .map(LabelScore::getScore)
        .findFirst()
        .orElse(0f);
  }
}
