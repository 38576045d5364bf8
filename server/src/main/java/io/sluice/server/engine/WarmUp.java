package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.SluiceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs live tasks before anybody asks them, so that the first requests find their sessions made,
 * memory there and the engine's own code compiled. Blocking; for the thread that starts the server.
 */
final class WarmUp {
  private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

  /** Rows and tokens of batches as they are usual. */
  private static final int[][] SHAPES = {{1, 16}, {1, 32}, {8, 32}, {1, 64}, {2, 128}};

  /** More than this changes nothing. */
  private static final int MOST_TURNS = 200;

  private final Batcher batcher;
  private final BackboneTokenizer tokenizer;
  private final ExpressSessions express;
  private final Predicate<LoadedTask> runsWhole;
  private final LongSupplier nanoClock;

  /**
   * @param runsWhole whether a task can go its whole way at once
   */
  WarmUp(
      Batcher batcher,
      BackboneTokenizer tokenizer,
      ExpressSessions express,
      Predicate<LoadedTask> runsWhole,
      LongSupplier nanoClock) {
    this.batcher = requireNonNull(batcher, "batcher");
    this.tokenizer = requireNonNull(tokenizer, "tokenizer");
    this.express = requireNonNull(express, "express");
    this.runsWhole = requireNonNull(runsWhole, "runsWhole");
    this.nanoClock = requireNonNull(nanoClock, "nanoClock");
  }

  /**
   * Makes the sessions of the tasks while they fit, then runs batches of the tasks in turn.
   *
   * @param atMost time after which nothing new is begun
   */
  void run(List<LoadedTask> tasks, Duration atMost) {
    long endNanos = nanoClock.getAsLong() + atMost.toNanos();
    int begun = 0;
    for (LoadedTask task : tasks.stream().filter(runsWhole).toList()) {
      if (isOver(endNanos) || !express.prepare(task.leg())) {
        break;
      }
      begun++;
    }
    int batches = 0;
    for (int turn = 0; turn < MOST_TURNS && !isOver(endNanos); turn++) {
      for (int i = 0; i < tasks.size() * SHAPES.length && !isOver(endNanos); i++) {
        batch(tasks.get(i / SHAPES.length), SHAPES[i % SHAPES.length], turn);
        batches++;
      }
    }
    LOG.info("warmed up: {} sessions, {} batches for {} tasks", begun, batches, tasks.size());
  }

  private boolean isOver(long endNanos) {
    return nanoClock.getAsLong() - endNanos >= 0;
  }

  private void batch(LoadedTask task, int[] shape, int turn) {
    int length = Math.min(shape[1], task.manifest().maxTokens());
    List<Row> rows = new ArrayList<>();
    for (int row = 0; row < shape[0]; row++) {
      Encoding encoding = tokenizer.encode(text(turn + row, length), null, length);
      Tokens tokens = new Tokens(encoding.ids(), encoding.typeIds());
      rows.add(new Row(task, tokens, nanoClock.getAsLong(), Row.NO_DEADLINE));
    }
    try {
      batcher.submitReserved(rows);
      rows.forEach(row -> row.result().join());
    } catch (SluiceException | CompletionException e) {
      // Whoever asks the task will be told.
      LOG.warn("task \"{}\": not warmed up: {}", task.name(), e.toString());
    }
  }

  /** At least {@code length} tokens: every number is one or more. */
  private static String text(int first, int length) {
    return IntStream.range(first, first + length)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(" "));
  }
}
