package io.sluice.loadtest.precision;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.TextPair;
import io.sluice.loadtest.AsyncCalls;
import io.sluice.loadtest.Bed;
import io.sluice.loadtest.Progress;
import io.sluice.loadtest.TaskMix;
import io.sluice.loadtest.load.Phase;
import io.sluice.loadtest.load.Window;
import io.sluice.loadtest.report.BenchReport;
import io.sluice.loadtest.report.Chart;
import io.sluice.loadtest.report.Sheet;
import io.sluice.loadtest.report.Spread;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.registry.bundle.AdapterBundle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToDoubleFunction;

/**
 * Two servers, one in 32 bits and one in 8, under the same load in turns, and their answers to the
 * same texts. Confined to one thread.
 */
public final class PrecisionBenchmark {
  private static final String TASK = "precision";
  private static final int FEW = 1;
  private static final int MANY = 16;
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final int FEWEST_BATCHES = 5;
  private static final int BATCH_PART = 4;

  /** An engine in this process, without wire, queue and tokenizer. */
  public interface Alone {
    /** Computes a batch of so many rows of the task: ids in, logits out. */
    void run(int rows);
  }

  /**
   * Engines by themselves in one round, median milliseconds of a batch.
   *
   * @param fullOne 32 bits, one row
   * @param fullMany 32 bits, as many rows as there are many clients
   * @param smallOne 8 bits, one row
   * @param smallMany 8 bits, many rows
   */
  public record Batches(double fullOne, double fullMany, double smallOne, double smallMany) {}

  /**
   * Windows of one round.
   *
   * @param fullOne 32 bits, one client
   * @param fullMany 32 bits, many clients
   * @param smallOne 8 bits, one client
   * @param smallMany 8 bits, many clients
   * @param alone the engines without servers around them
   */
  public record Round(
      Window fullOne, Window fullMany, Window smallOne, Window smallMany, Batches alone) {}

  /**
   * What was found.
   *
   * @param texts compared
   * @param sameLabel of them, answered with the same label
   * @param meanDifference of the scores
   * @param largestDifference of a score
   */
  public record Found(
      List<Round> rounds,
      int texts,
      int sameLabel,
      double meanDifference,
      double largestDifference) {
    public Found {
      rounds = List.copyOf(rounds);
    }
  }

  private final Bed full;
  private final Bed small;
  private final Phase fullPhase;
  private final Phase smallPhase;

  /**
   * @param full a server in 32 bits
   * @param small one in 8
   */
  public PrecisionBenchmark(Bed full, Bed small, Phase fullPhase, Phase smallPhase) {
    this.full = requireNonNull(full, "full");
    this.small = requireNonNull(small, "small");
    this.fullPhase = requireNonNull(fullPhase, "fullPhase");
    this.smallPhase = requireNonNull(smallPhase, "smallPhase");
  }

  /**
   * Runs.
   *
   * @param fullAlone an engine in 32 bits with the same task
   * @param smallAlone one in 8
   */
  public Found run(
      AdapterBundle bundle, Alone fullAlone, Alone smallAlone, int rounds, Progress progress)
      throws InterruptedException {
    full.admin().register(TASK, bundle);
    small.admin().register(TASK, bundle);
    TaskMix task = TaskMix.only(TASK);
    progress.at(0, "warming up");
    fullPhase.closed(task, MANY);
    smallPhase.closed(task, MANY);
    List<Round> found = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      progress.at((round + 0.5) / (rounds + 1.0), "round " + (round + 1) + " of " + rounds);
      found.add(
          new Round(
              fullPhase.closed(task, FEW),
              fullPhase.closed(task, MANY),
              smallPhase.closed(task, FEW),
              smallPhase.closed(task, MANY),
              batches(fullAlone, smallAlone)));
    }
    progress.at(rounds / (rounds + 1.0), "comparing answers");
    return compared(found);
  }

  private Batches batches(Alone fullAlone, Alone smallAlone) {
    return new Batches(
        batchMillis(fullAlone, FEW),
        batchMillis(fullAlone, MANY),
        batchMillis(smallAlone, FEW),
        batchMillis(smallAlone, MANY));
  }

  private double batchMillis(Alone engine, int rows) {
    engine.run(rows);
    List<Double> millis = new ArrayList<>();
    long untilNanos = System.nanoTime() + fullPhase.time().toNanos() / BATCH_PART;
    while (millis.size() < FEWEST_BATCHES || System.nanoTime() < untilNanos) {
      long beganNanos = System.nanoTime();
      engine.run(rows);
      millis.add((System.nanoTime() - beganNanos) / 1e6);
    }
    return Spread.of(millis).median();
  }

  private Found compared(List<Round> rounds) {
    int same = 0;
    int scores = 0;
    double sum = 0;
    double largest = 0;
    List<TextPair> texts = fullPhase.texts();
    try (AsyncCalls toFull = new AsyncCalls(full.data(), 1);
        AsyncCalls toSmall = new AsyncCalls(small.data(), 1)) {
      for (TextPair text : texts) {
        ClassifyReply one = ask(toFull, text);
        ClassifyReply other = ask(toSmall, text);
        same += one.getLabel().equals(other.getLabel()) ? 1 : 0;
        for (int i = 0; i < one.getScoresCount(); i++) {
          double difference = Math.abs(one.getScores(i).getScore() - other.getScores(i).getScore());
          sum += difference;
          largest = Math.max(largest, difference);
          scores++;
        }
      }
    }
    return new Found(rounds, texts.size(), same, sum / Math.max(1, scores), largest);
  }

  private static ClassifyReply ask(AsyncCalls calls, TextPair text) {
    CompletableFuture<ClassifyReply> reply = new CompletableFuture<>();
    ClassifyRequest.Builder request =
        ClassifyRequest.newBuilder().setTask(TASK).setText(text.text());
    var unused =
        calls.classify(
            request.build(),
            DEADLINE,
            outcome -> {
              ClassifyReply message = outcome.reply();
              if (message == null) {
                reply.completeExceptionally(outcome.status().asRuntimeException());
              } else {
                reply.complete(message);
              }
            });
    return reply.join();
  }

  /**
   * The report of {@code sluice bench precision}.
   *
   * @param task what the task is, in words
   */
  public BenchReport report(String task, Found found) {
    List<String> facts = new ArrayList<>(full.setting());
    facts.addAll(small.setting());
    facts.add(
        format(
            "A task: %s. Closed loops in turns, %d rounds of %.0f s. Of %d texts %d got the same"
                + " label; scores differ by %.4f on average, by %.4f at most.",
            task,
            found.rounds().size(),
            fullPhase.time().toMillis() / 1e3,
            found.texts(),
            found.sameLabel(),
            found.meanDifference(),
            found.largestDifference()));
    Sheet sheet =
        Sheet.of("Server", "32 bits", "8 bits", "times as good, by round")
            .with(
                "one client, p50 ms",
                spread(found, one -> millis(one.fullOne())).text(2),
                spread(found, one -> millis(one.smallOne())).text(2),
                spread(found, one -> millis(one.fullOne()) / millis(one.smallOne())).text(2))
            .with(
                "16 clients, answers/s",
                spread(found, one -> one.fullMany().answered()).text(0),
                spread(found, one -> one.smallMany().answered()).text(0),
                spread(found, one -> one.smallMany().answered() / one.fullMany().answered())
                    .text(2));
    Sheet alone =
        Sheet.of("Engine alone", "32 bits", "8 bits", "times as good, by round")
            .with(
                "a batch of 1 row, ms",
                spread(found, one -> one.alone().fullOne()).text(2),
                spread(found, one -> one.alone().smallOne()).text(2),
                spread(found, one -> one.alone().fullOne() / one.alone().smallOne()).text(2))
            .with(
                "a batch of 16 rows, ms",
                spread(found, one -> one.alone().fullMany()).text(1),
                spread(found, one -> one.alone().smallMany()).text(1),
                spread(found, one -> one.alone().fullMany() / one.alone().smallMany()).text(2))
            .with(
                "served to 1 client, less the batch: ms",
                spread(found, one -> millis(one.fullOne()) - one.alone().fullOne()).text(2),
                spread(found, one -> millis(one.smallOne()) - one.alone().smallOne()).text(2),
                "")
            .with(
                "served to 16 clients, an answer less a row: ms",
                spread(found, one -> spare(one.fullMany(), one.alone().fullMany())).text(2),
                spread(found, one -> spare(one.smallMany(), one.alone().smallMany())).text(2),
                "");
    List<Chart.Point> fullPoints = new ArrayList<>();
    List<Chart.Point> smallPoints = new ArrayList<>();
    for (int i = 0; i < found.rounds().size(); i++) {
      fullPoints.add(new Chart.Point(i + 1, found.rounds().get(i).fullMany().answered()));
      smallPoints.add(new Chart.Point(i + 1, found.rounds().get(i).smallMany().answered()));
    }
    return new BenchReport(
        "precision",
        full.environment(),
        facts,
        List.of(),
        List.of(sheet, alone),
        List.of(
            Chart.of("throughput", "Throughput by round, 16 clients", "round", "answers a second")
                .with("32 bits", fullPoints)
                .with("8 bits", smallPoints)),
        found);
  }

  /** Milliseconds an answer takes beyond its row's part of a batch. */
  private static double spare(Window window, double batchMillis) {
    return 1000 / window.answered() - batchMillis / MANY;
  }

  private static double millis(Window window) {
    return window.latencies().p50Nanos() / 1e6;
  }

  private static Spread spread(Found found, ToDoubleFunction<Round> figure) {
    return Spread.of(found.rounds().stream().map(figure::applyAsDouble).toList());
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
