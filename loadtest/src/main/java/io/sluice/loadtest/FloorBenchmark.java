package io.sluice.loadtest;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.AdapterBundle;
import java.time.Duration;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * A running server against its floor: the same texts through the untouched backbone and the task's
 * head in one plain session, on the same cores, in turns. Stateless.
 */
public final class FloorBenchmark {
  private static final int TEXTS = 64;
  private static final int SMALL = 8;
  private static final int LARGE = 32;
  private static final int PERCENT_50 = 50;
  private static final int PERCENT_99 = 99;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final long SEED = 1;

  private FloorBenchmark() {}

  /**
   * Measures a single-text classification task.
   *
   * @param bundle what the server at {@code host:port} has active for {@code task}
   * @param tokens length of every text
   */
  public static FloorReport run(
      Backbone backbone,
      AdapterBundle bundle,
      String host,
      int port,
      String task,
      int tokens,
      FloorSettings settings,
      OnnxRuntime runtime) {
    requireNonNull(settings, "settings");
    List<String> texts;
    List<Encoding> rows;
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(backbone)) {
      texts = new TextsOfLength(tokenizer, SEED).texts(TEXTS, tokens);
      rows = texts.stream().map(text -> tokenizer.encode(text, null, tokens)).toList();
    }
    Rounds rounds = new Rounds(settings.repeats());
    int labels = bundle.manifest().labels().size();
    try (PlainModel plain = new PlainModel(backbone, bundle.head(), labels, runtime);
        PlainModel.Batch one = plain.batch(rows.subList(0, 1));
        PlainModel.Batch small = plain.batch(rows.subList(0, SMALL));
        PlainModel.Batch large = plain.batch(rows.subList(0, LARGE));
        ServedTask served = new ServedTask(host, port, task)) {
      rowsPerSecond(one, 1, settings.warmUp());
      rowsPerSecond(large, LARGE, settings.warmUp());
      served.throughput(texts, settings.clients(), settings.warmUp());
      served.oneByOne(texts, settings.requests());
      for (int round = 0; round < settings.repeats(); round++) {
        Histogram plainTimes = times(one, settings.requests());
        Histogram servedTimes = served.oneByOne(texts, settings.requests());
        rounds.plain[round] = millis(plainTimes, PERCENT_50);
        rounds.served[round] = millis(servedTimes, PERCENT_50);
        rounds.served99[round] = millis(servedTimes, PERCENT_99);
        rounds.small[round] = rowsPerSecond(small, SMALL, settings.slice());
        rounds.servedRows[round] = served.throughput(texts, settings.clients(), settings.slice());
        rounds.large[round] = rowsPerSecond(large, LARGE, settings.slice());
      }
    }
    return rounds.report(tokens);
  }

  private static Histogram times(PlainModel.Batch batch, int runs) {
    Histogram histogram = new Histogram(3);
    for (int i = 0; i < runs; i++) {
      long startNanos = System.nanoTime();
      batch.run();
      histogram.recordValue(System.nanoTime() - startNanos);
    }
    return histogram;
  }

  private static double rowsPerSecond(PlainModel.Batch batch, int rows, Duration duration) {
    long startNanos = System.nanoTime();
    long runs = 0;
    long spentNanos;
    do {
      batch.run();
      runs++;
      spentNanos = System.nanoTime() - startNanos;
    } while (spentNanos < duration.toNanos());
    return runs * rows * 1e9 / spentNanos;
  }

  private static double millis(Histogram histogram, int percentile) {
    return histogram.getValueAtPercentile(percentile) / NANOS_PER_MILLI;
  }

  /** The figures of each round. */
  private static final class Rounds {
    final double[] plain;
    final double[] served;
    final double[] served99;
    final double[] small;
    final double[] large;
    final double[] servedRows;

    Rounds(int rounds) {
      plain = new double[rounds];
      served = new double[rounds];
      served99 = new double[rounds];
      small = new double[rounds];
      large = new double[rounds];
      servedRows = new double[rounds];
    }

    FloorReport report(int tokens) {
      double[] overhead = new double[plain.length];
      double[] ratio = new double[plain.length];
      for (int i = 0; i < plain.length; i++) {
        overhead[i] = served[i] - plain[i];
        ratio[i] = servedRows[i] / Math.max(small[i], large[i]);
      }
      return new FloorReport(
          tokens,
          Spread.of(plain),
          Spread.of(served),
          Spread.of(served99),
          Spread.of(overhead),
          Spread.of(small),
          Spread.of(large),
          Spread.of(servedRows),
          Spread.of(ratio));
    }
  }
}
