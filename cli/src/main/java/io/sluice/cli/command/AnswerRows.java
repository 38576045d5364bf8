package io.sluice.cli.command;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.cli.client.InferenceClient;
import io.sluice.cli.rows.ReplyJson;
import io.sluice.cli.rows.RowLine;
import io.sluice.cli.rows.RowOutput;
import io.sluice.proto.v1.AnswerReply;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.Future;

/**
 * Questions of the input, some of them under way at a time, answered in their order. What a full
 * queue refuses is asked once more when the others are through.
 */
final class AnswerRows {
  private static final String[] QUESTION = {"question"};
  private static final String[] PASSAGE = {"passage", "context"};

  private record Asked(RowLine row, Future<AnswerReply> reply) {}

  private final InferenceClient client;
  private final String task;
  private final int atATime;
  private final Queue<Asked> underWay = new ArrayDeque<>();

  AnswerRows(InferenceClient client, String task, int atATime) {
    this.client = requireNonNull(client, "client");
    this.task = requireNonNull(task, "task");
    this.atATime = atATime;
  }

  /**
   * Asks all rows; a row that is refused is a line too. Where one cannot be read, those before it
   * are answered.
   */
  void ask(Iterator<RowLine> rows, RowOutput output) {
    try {
      while (rows.hasNext()) {
        if (underWay.size() == atATime) {
          output.write(line(underWay.remove()));
        }
        RowLine row = rows.next();
        underWay.add(
            new Asked(row, client.answerLater(task, row.text(QUESTION), row.text(PASSAGE))));
      }
    } finally {
      while (!underWay.isEmpty()) {
        output.write(line(underWay.remove()));
      }
    }
  }

  private ObjectNode line(Asked asked) {
    ObjectNode line = ReplyJson.begin(asked.row.id(), asked.row.number(), task);
    try {
      return ReplyJson.add(line, reply(asked));
    } catch (SluiceException e) {
      return ReplyJson.addError(line, e.code().name(), String.valueOf(e.getMessage()));
    }
  }

  private AnswerReply reply(Asked asked) {
    try {
      return client.join(asked.reply);
    } catch (SluiceException e) {
      if (e.code() != ErrorCode.RESOURCE_EXHAUSTED) {
        throw e;
      }
      underWay.forEach(other -> client.settle(other.reply));
      return client.answer(task, asked.row.text(QUESTION), asked.row.text(PASSAGE));
    }
  }
}
