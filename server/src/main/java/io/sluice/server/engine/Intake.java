package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.answer.SpanWindows;
import io.sluice.registry.answer.WindowLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The way of a request from text to rows in the queue: let in or refused, tokenized on threads of
 * its own, submitted. Thread-safe.
 */
final class Intake {
  private final BackboneTokenizer tokenizer;
  private final int maxPositions;
  private final int maxQueuedRows;
  private final @Nullable ResponseCache responses;
  private final Batcher batcher;
  private final EngineListener listener;
  private final Admission admission = new Admission();
  private final TokenizerThreads threads;

  /**
   * @param tokenizer the caller's; open until {@link #stop}
   * @param maxPositions longest row of the backbone, in tokens
   * @param responses answers rows that are known; null for none
   */
  Intake(
      BackboneTokenizer tokenizer,
      int maxPositions,
      EngineSettings settings,
      @Nullable ResponseCache responses,
      Batcher batcher,
      EngineListener listener) {
    this.tokenizer = requireNonNull(tokenizer, "tokenizer");
    this.maxPositions = maxPositions;
    this.maxQueuedRows = settings.batching().maxQueuedRows();
    this.listener = requireNonNull(listener, "listener");
    this.responses = responses;
    this.batcher = requireNonNull(batcher, "batcher");
    this.threads = new TokenizerThreads(settings.tokenizerThreads(), maxQueuedRows);
  }

  /** As {@link Engine#ask}. */
  List<Ticket<Answer>> ask(
      List<Lease> leases,
      String tenant,
      String text,
      @Nullable String pair,
      @Nullable Visit visit,
      @Nullable Long deadlineNanos) {
    requireNonNull(text, "text");
    List<Ticket<Answer>> tickets = new ArrayList<>();
    leases.forEach(lease -> tickets.add(new Ticket<>(lease.task(), tenant)));
    accept(tickets, visit, () -> tokenize(tickets, text, pair, deadline(deadlineNanos)));
    return List.copyOf(tickets);
  }

  /** As {@link Engine#askPassage}. */
  Ticket<PassageAnswer> askPassage(
      Lease lease,
      String tenant,
      String question,
      String passage,
      int maxWindows,
      @Nullable Long deadlineNanos) {
    requireNonNull(question, "question");
    requireNonNull(passage, "passage");
    Ticket<PassageAnswer> ticket = new Ticket<>(lease.task(), tenant);
    WindowLimits limits =
        new WindowLimits(
            maxTokens(ticket),
            lease.task().manifest().stride(),
            Math.min(maxWindows, maxQueuedRows));
    accept(
        List.of(ticket),
        null,
        () -> lay(ticket, question, passage, limits, deadline(deadlineNanos)));
    return ticket;
  }

  Admission admission() {
    return admission;
  }

  /** Ends the threads, once nobody is inside any more. */
  void stop() {
    threads.stop();
  }

  private static long deadline(@Nullable Long nanos) {
    return nanos == null ? Row.NO_DEADLINE : nanos;
  }

  /** Lets requests in and has their work done, or refuses them all. */
  private <A> void accept(List<Ticket<A>> tickets, @Nullable Visit visit, Runnable work) {
    List<Holder> holders = tickets.stream().map(Ticket::holder).toList();
    if (responses == null) {
      // Else the answer may be known, which takes the tokens to tell.
      batcher.requireShortWait(holders);
    }
    admission.enter(tickets.size(), visit);
    for (Ticket<A> ticket : tickets) {
      var unused = ticket.answer().whenComplete((answer, failure) -> admission.leave());
    }
    boolean taken;
    try {
      taken =
          threads.execute(
              holders.get(0),
              new TokenizerThreads.Work(
                  () -> attempt(tickets, work), () -> fail(tickets, tokenizerFull())));
    } catch (RuntimeException | Error e) {
      fail(tickets, e);
      throw e;
    }
    if (!taken) {
      OverloadedException refusal = tokenizerFull();
      fail(tickets, refusal);
      throw refusal;
    }
  }

  private static OverloadedException tokenizerFull() {
    return new OverloadedException(
        OverloadedException.Reason.TOKENIZER_FULL,
        "tokenizer queue: full (expected: room)",
        Duration.ofMillis(10));
  }

  private static <A> void attempt(List<Ticket<A>> tickets, Runnable work) {
    try {
      if (tickets.stream().allMatch(Ticket::isCancelled)) {
        throw new SluiceException(ErrorCode.CANCELLED, "cancelled by the client");
      }
      work.run();
    } catch (RuntimeException | Error e) {
      fail(tickets, e);
    }
  }

  private static <A> void fail(List<Ticket<A>> tickets, Throwable failure) {
    tickets.forEach(ticket -> ticket.answer().completeExceptionally(asSluice(failure)));
  }

  private void tokenize(
      List<Ticket<Answer>> tickets, String text, @Nullable String pair, long deadlineNanos) {
    Map<Integer, Encoding> encodings = new HashMap<>();
    long startNanos = System.nanoTime();
    for (Ticket<Answer> ticket : tickets) {
      encodings.computeIfAbsent(
          maxTokens(ticket), maxTokens -> tokenizer.encode(text, pair, maxTokens));
    }
    long endNanos = System.nanoTime();
    Row[] rows = new Row[tickets.size()];
    for (int i = 0; i < rows.length; i++) {
      Ticket<Answer> ticket = tickets.get(i);
      Encoding encoding = requireNonNull(encodings.get(maxTokens(ticket)), "encoding");
      rows[i] = row(ticket, encoding, endNanos, deadlineNanos);
      ticket.queuedAs(List.of(rows[i]));
      int tokens = encoding.length();
      answer(
          ticket,
          rows[i].result(),
          result -> {
            listener.answered(ticket.task().name(), tokens, endNanos - startNanos, result);
            return new Answer(result, tokens, encoding.truncated(), endNanos - startNanos);
          });
    }
    submit(List.of(rows));
  }

  private void lay(
      Ticket<PassageAnswer> ticket,
      String question,
      String passage,
      WindowLimits limits,
      long deadlineNanos) {
    long startNanos = System.nanoTime();
    SpanWindows windows = SpanWindows.over(tokenizer.spans(question, passage), limits);
    long endNanos = System.nanoTime();
    List<Row> rows = new ArrayList<>();
    windows
        .windows()
        .forEach(window -> rows.add(row(ticket, window.encoding(), endNanos, deadlineNanos)));
    ticket.queuedAs(rows);
    List<CompletableFuture<RowResult>> results = rows.stream().map(Row::result).toList();
    answer(
        ticket,
        all(rows),
        done -> {
          List<RowResult> made = results.stream().map(CompletableFuture::join).toList();
          for (int i = 0; i < made.size(); i++) {
            int tokens = windows.windows().get(i).encoding().length();
            listener.answered(ticket.task().name(), tokens, endNanos - startNanos, made.get(i));
          }
          return new PassageAnswer(windows, made, endNanos - startNanos);
        });
    submit(rows);
  }

  /** Has rows answered by what is known or by the engine. */
  private void submit(List<Row> rows) {
    List<Row> unknown = responses == null ? rows : responses.answer(rows);
    if (!unknown.isEmpty()) {
      batcher.submit(unknown.toArray(new Row[0]));
    }
  }

  /**
   * Completed when all rows are, with the first failure if there is one: then nobody waits for the
   * others any more.
   */
  private static CompletableFuture<@Nullable Void> all(List<Row> rows) {
    AtomicReference<@Nullable Throwable> first = new AtomicReference<>();
    for (Row row : rows) {
      var unused =
          row.result()
              .whenComplete(
                  (made, failure) -> {
                    if (failure != null && first.compareAndSet(null, failure)) {
                      rows.forEach(Row::cancel);
                    }
                  });
    }
    return CompletableFuture.allOf(
            rows.stream().map(Row::result).toArray(CompletableFuture<?>[]::new))
        .handle(
            (done, failure) -> {
              Throwable why = first.get() == null ? failure : first.get();
              if (why != null) {
                throw asSluice(why);
              }
              return null;
            });
  }

  private static Row row(
      Ticket<?> ticket, Encoding encoding, long submittedNanos, long deadlineNanos) {
    Tokens tokens = new Tokens(encoding.ids(), encoding.typeIds());
    return new Row(ticket.task(), ticket.holder().tenant(), tokens, submittedNanos, deadlineNanos);
  }

  private int maxTokens(Ticket<?> ticket) {
    return Math.min(ticket.task().manifest().maxTokens(), maxPositions);
  }

  /** Passes on what becomes of a request's rows. */
  private static <R, A> void answer(
      Ticket<A> ticket, CompletableFuture<R> computed, Function<R, A> answer) {
    var unused =
        computed.whenComplete(
            (result, failure) -> {
              if (failure != null) {
                ticket.answer().completeExceptionally(asSluice(failure));
              } else {
                ticket.answer().complete(answer.apply(result));
              }
            });
  }

  private static SluiceException asSluice(@Nullable Throwable failure) {
    if (failure instanceof CompletionException && failure.getCause() != null) {
      return asSluice(failure.getCause());
    }
    if (failure instanceof SluiceException known) {
      return known;
    }
    return new SluiceException(ErrorCode.INTERNAL, "engine: " + failure, failure);
  }
}
