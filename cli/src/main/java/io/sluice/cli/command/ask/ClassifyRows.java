package io.sluice.cli.command.ask;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.cli.client.RowOutcome;
import io.sluice.cli.rows.ReplyJson;
import io.sluice.cli.rows.RowLine;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Rows of the input as requests, one for each task, and their outcomes as lines of the output. One
 * thread takes requests, one brings outcomes, in the same order.
 */
final class ClassifyRows implements Iterator<ClassifyRequest> {
  private static final String[] TEXT = {"text"};
  private static final String[] PAIR = {"text_pair", "pair"};

  private record Asked(RowLine row, String task) {}

  private final Iterator<RowLine> rows;
  private final List<String> tasks;
  private final boolean all;
  private final Queue<Asked> asked = new ConcurrentLinkedQueue<>();
  private @Nullable RowLine row;
  private int nextTask;

  /**
   * @param all whether lines have every label's score
   */
  ClassifyRows(Iterator<RowLine> rows, List<String> tasks, boolean all) {
    this.rows = requireNonNull(rows, "rows");
    this.tasks = List.copyOf(tasks);
    this.all = all;
  }

  @Override
  public boolean hasNext() {
    return (row != null && nextTask < tasks.size()) || rows.hasNext();
  }

  @Override
  public ClassifyRequest next() {
    RowLine now = row;
    if (now == null || nextTask == tasks.size()) {
      if (!rows.hasNext()) {
        throw new NoSuchElementException("rows: none left");
      }
      now = rows.next();
      row = now;
      nextTask = 0;
    }
    Asked one = new Asked(now, tasks.get(nextTask++));
    ClassifyRequest.Builder request =
        ClassifyRequest.newBuilder().setTask(one.task).setText(now.text(TEXT));
    String pair = now.textOrNull(PAIR);
    if (pair != null) {
      request.setTextPair(pair);
    }
    asked.add(one);
    return request.build();
  }

  /** The line for the outcome of the first request that has none yet. */
  ObjectNode line(RowOutcome<ClassifyReply> outcome) {
    Asked one = asked.remove();
    ObjectNode line = ReplyJson.begin(one.row.id(), one.row.number(), one.task);
    ClassifyReply reply = outcome.reply();
    return reply == null
        ? ReplyJson.addError(line, outcome.error())
        : ReplyJson.add(line, reply, all);
  }
}
