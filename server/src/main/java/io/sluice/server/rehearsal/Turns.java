package io.sluice.server.rehearsal;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Callers who each ask again when they are answered, until enough is asked or time is up. */
final class Turns {
  /** Words that most tokenizers know and some they will have to take apart. */
  private static final String[] WORDS = {
    "the", "bicycle", "was", "not", "half", "as", "heavy", "unbelievably", "good", "for", "2026",
  };

  private static final int TEXT_WORDS = 24;

  /** Calls in a row to one task, so that there are batches of one task and batches of several. */
  private static final int CALLS_TO_ONE = 50;

  private final List<String> tasks;
  private final int calls;
  private final long endNanos;
  private final AtomicInteger asked = new AtomicInteger();

  /**
   * @param endNanos by {@link System#nanoTime()}
   */
  Turns(List<String> tasks, int calls, long endNanos) {
    this.tasks = List.copyOf(tasks);
    this.calls = calls;
    this.endNanos = endNanos;
  }

  /**
   * Waits until all callers are done.
   *
   * @return how often they asked
   * @throws java.util.concurrent.CompletionException when one was refused
   */
  int take(List<Caller> callers) {
    CompletableFuture<?>[] done =
        callers.stream().map(this::loop).toArray(CompletableFuture<?>[]::new);
    CompletableFuture.allOf(done).join();
    return asked.get();
  }

  private CompletableFuture<Void> loop(Caller caller) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    next(requireNonNull(caller, "caller"), done);
    return done;
  }

  private void next(Caller caller, CompletableFuture<Void> done) {
    int number = asked.getAndIncrement();
    if (number >= calls || System.nanoTime() - endNanos >= 0) {
      asked.decrementAndGet();
      done.complete(null);
      return;
    }
    var unused =
        caller
            .ask(task(number), text(number))
            .whenComplete(
                (answer, failure) -> {
                  if (failure != null) {
                    done.completeExceptionally(failure);
                  } else {
                    next(caller, done);
                  }
                });
  }

  /** The first one alone for a while, then all in turn for as long, and so on. */
  private String task(int number) {
    return number / CALLS_TO_ONE % 2 == 0 ? tasks.get(0) : tasks.get(number % tasks.size());
  }

  private static String text(int number) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < TEXT_WORDS; i++) {
      text.append(WORDS[(number % WORDS.length * (i + 1) + i) % WORDS.length]).append(' ');
    }
    return text.append(number).toString();
  }
}
