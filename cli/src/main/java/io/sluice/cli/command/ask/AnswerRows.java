package io.sluice.cli.command.ask;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.cli.client.RowOutcome;
import io.sluice.cli.rows.ReplyJson;
import io.sluice.cli.rows.RowLine;
import io.sluice.proto.v1.AnswerReply;
import io.sluice.proto.v1.AnswerRequest;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Rows of the input as questions, and their outcomes as lines of the output. One thread takes
 * questions, one brings outcomes, in the same order.
 */
final class AnswerRows implements Iterator<AnswerRequest> {
  private static final String[] QUESTION = {"question"};
  private static final String[] PASSAGE = {"passage", "context"};

  private final Iterator<RowLine> rows;
  private final String task;
  private final Queue<RowLine> asked = new ConcurrentLinkedQueue<>();

  AnswerRows(Iterator<RowLine> rows, String task) {
    this.rows = requireNonNull(rows, "rows");
    this.task = requireNonNull(task, "task");
  }

  @Override
  public boolean hasNext() {
    return rows.hasNext();
  }

  @Override
  public AnswerRequest next() {
    RowLine row = rows.next();
    AnswerRequest request =
        AnswerRequest.newBuilder()
            .setTask(task)
            .setQuestion(row.text(QUESTION))
            .setPassage(row.text(PASSAGE))
            .build();
    asked.add(row);
    return request;
  }

  /** The line for the outcome of the first question that has none yet. */
  ObjectNode line(RowOutcome<AnswerReply> outcome) {
    RowLine row = asked.remove();
    ObjectNode line = ReplyJson.begin(row.id(), row.number(), task);
    AnswerReply reply = outcome.reply();
    return reply == null ? ReplyJson.addError(line, outcome.error()) : ReplyJson.add(line, reply);
  }
}
