package io.sluice.loadtest.soak;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.TextPair;
import io.sluice.loadtest.AsyncCalls;
import io.sluice.loadtest.TaskMix;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.MultiClassifyRequest;
import io.sluice.proto.v1.TaskClassification;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** Sends requests of all kinds and judges how they end. One thread sends. */
final class Requests implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final int MOST_TIGHT_MILLIS = 30;
  private static final int HUGE_CHARS = 2_000_000;
  private static final int LONG_REPEATS = 40;
  private static final int SEVERAL = 4;

  private final AsyncCalls calls;
  private final TaskMix tasks;
  private final List<TextPair> texts;
  private final Churn churn;
  private final Tally tally;
  private final RandomGenerator random;
  private final Semaphore ended = new Semaphore(0);
  private final ScheduledExecutorService cancelling = Executors.newSingleThreadScheduledExecutor();
  private final String huge = "long ".repeat(HUGE_CHARS / 5);
  private int sent;

  Requests(
      AsyncCalls calls,
      TaskMix tasks,
      List<TextPair> texts,
      Churn churn,
      Tally tally,
      RandomGenerator random) {
    this.calls = requireNonNull(calls, "calls");
    this.tasks = requireNonNull(tasks, "tasks");
    this.texts = List.copyOf(texts);
    this.churn = requireNonNull(churn, "churn");
    this.tally = requireNonNull(tally, "tally");
    this.random = requireNonNull(random, "random");
  }

  /** Sends one of a kind by chance. */
  void send(long intendedNanos) {
    Traffic kind = Traffic.at(random.nextDouble());
    String task = tasks.pick(random);
    String text = texts.get(random.nextInt(texts.size())).text();
    sent++;
    switch (kind) {
      case SEVERAL_TASKS -> several(text);
      case LONG_TEXT -> one(kind, task, (text + " ").repeat(LONG_REPEATS), DEADLINE, intendedNanos);
      case TIGHT_DEADLINE -> one(kind, task, text, Duration.ofMillis(tightMillis()), intendedNanos);
      case CANCELLED -> {
        Runnable cancel = one(kind, task, text, DEADLINE, intendedNanos);
        var unused = cancelling.schedule(cancel, tightMillis(), TimeUnit.MILLISECONDS);
      }
      case UNKNOWN_TASK -> one(kind, "nobody", text, DEADLINE, intendedNanos);
      case EMPTY_TEXT -> one(kind, task, " ", DEADLINE, intendedNanos);
      case HUGE_TEXT -> one(kind, task, huge, DEADLINE, intendedNanos);
      case PLAIN -> one(kind, task, text, DEADLINE, intendedNanos);
    }
  }

  /** Waits until all have ended. */
  void awaitEnds() throws InterruptedException {
    ended.acquire(sent);
    ended.release(sent);
  }

  @Override
  public void close() {
    cancelling.shutdownNow();
  }

  private long tightMillis() {
    return 1L + random.nextInt(MOST_TIGHT_MILLIS);
  }

  private Runnable one(
      Traffic kind, String task, String text, Duration deadline, long intendedNanos) {
    ClassifyRequest request = ClassifyRequest.newBuilder().setTask(task).setText(text).build();
    return calls.classify(
        request,
        deadline,
        outcome -> {
          ClassifyReply reply = outcome.reply();
          tally.ended(
              kind,
              outcome.status().getCode().name(),
              String.valueOf(outcome.status().getDescription()));
          if (reply != null) {
            check(task, reply);
            if (kind == Traffic.PLAIN) {
              tally.answered(System.nanoTime() - intendedNanos);
            }
            if (kind == Traffic.LONG_TEXT && !reply.getInfo().getTruncated()) {
              tally.unexpected(kind + ": not said to be cut");
            }
          }
          ended.release();
        });
  }

  private void several(String text) {
    List<String> names = tasks.names().subList(0, Math.min(SEVERAL, tasks.names().size()));
    MultiClassifyRequest request =
        MultiClassifyRequest.newBuilder().addAllTasks(names).setText(text).build();
    var unused =
        calls.multiClassify(
            request,
            DEADLINE,
            outcome -> {
              tally.ended(
                  Traffic.SEVERAL_TASKS,
                  outcome.status().getCode().name(),
                  String.valueOf(outcome.status().getDescription()));
              if (outcome.reply() != null) {
                for (TaskClassification one : outcome.reply().getResultsList()) {
                  check(one.getTask(), one.getReply());
                }
              }
              ended.release();
            });
  }

  private void check(String task, ClassifyReply reply) {
    if (!churn.knows(task, reply.getInfo().getBundleDigest())) {
      tally.unexpected(
          task + ": answered by " + reply.getInfo().getBundleDigest() + ", none of its bundles");
    }
  }
}
