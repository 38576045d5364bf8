package io.sluice.loadtest.floor;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.TextPair;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.loadtest.ClosedLoop;
import io.sluice.loadtest.Exchange;
import io.sluice.loadtest.Latencies;
import io.sluice.loadtest.LoadSettings;
import io.sluice.loadtest.Practice;
import io.sluice.loadtest.Target;
import io.sluice.loadtest.TextsOfLength;
import io.sluice.loadtest.vitals.ProcessorTime;
import io.sluice.registry.bundle.AdapterBundle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import org.HdrHistogram.Histogram;

/** All that is measured against each other, ready to run. Confined to one thread. */
final class Peers implements AutoCloseable {
  static final int LONG_TOKENS = 64;

  private static final int SHORT_TOKENS = 32;
  private static final int FEW = 8;
  private static final int MANY = 32;

  private static final int WARM_UP_REQUESTS = 5_000;

  /** This part of every turn is dropped. */
  private static final int WARM_UP_PART = 5;

  /** Enough that no two clients ask the same at a time, and that a cache would not help. */
  private static final int TEXTS = 1024;

  private final BackboneTokenizer tokenizer;
  private final Target server;
  private final String task;
  private final int maxTokens;
  private final List<TextPair> shortTexts;
  private final List<TextPair> longTexts;
  private final List<Encoding> shortRows;
  private final List<Encoding> longRows;
  private final List<PlainModel> open = new ArrayList<>();
  private final PlainModel.Shape plainOne;
  private final PlainModel.Shape mergedOne;
  private final PlainModel.Shape plainFew;
  private final PlainModel.Shape mergedFew;
  private final PlainModel.Shape plainMany;
  private final PlainModel.Shape mergedMany;
  private final List<Exchange> ofOneClient = new ArrayList<>();
  private final SortedMap<String, Long> failures = new TreeMap<>();

  Peers(
      Backbone backbone,
      AdapterBundle bundle,
      OnnxRuntime runtime,
      BackboneTokenizer tokenizer,
      Target server,
      String task,
      long seed) {
    this.tokenizer = tokenizer;
    this.server = server;
    this.task = task;
    this.maxTokens = bundle.manifest().maxTokens();
    this.shortTexts = TextsOfLength.of(tokenizer, SHORT_TOKENS, TEXTS, seed);
    this.longTexts = TextsOfLength.of(tokenizer, LONG_TOKENS, TEXTS, seed + 1);
    this.shortRows = tokenizer.encode(shortTexts, maxTokens);
    this.longRows = tokenizer.encode(longTexts, maxTokens);
    int labels = bundle.manifest().labels().size();
    PlainModel untouched = model(runtime, MergedGraph.untouched(backbone, bundle), labels);
    PlainModel adapted = model(runtime, MergedGraph.adapted(backbone, bundle), labels);
    plainOne = untouched.shape(1, SHORT_TOKENS);
    mergedOne = adapted.shape(1, SHORT_TOKENS);
    plainFew = untouched.shape(FEW, SHORT_TOKENS);
    mergedFew = adapted.shape(FEW, SHORT_TOKENS);
    plainMany = untouched.shape(MANY, LONG_TOKENS);
    mergedMany = adapted.shape(MANY, LONG_TOKENS);
  }

  /**
   * Asks until the JVM has compiled the way of a request: that takes thousands, far more than the
   * runs of a model do, and a cold server would be measured as a slow one.
   *
   * @param atMost time after which it is left at what has been asked
   */
  void warmUp(Duration atMost) throws InterruptedException {
    Practice.with(server);
    long end = System.nanoTime() + atMost.toNanos();
    try (ClosedLoop loop =
        ClosedLoop.start(LoadSettings.closedLoop(server, task, shortTexts, FEW))) {
      while (loop.completed() < WARM_UP_REQUESTS && System.nanoTime() < end) {
        loop.awaitExchanges(FEW);
      }
    }
  }

  /** One turn of a series. */
  Sample measure(Series series, Duration time) throws InterruptedException {
    return switch (series) {
      case PLAIN_TOKENS -> oneByOne(plainOne, time);
      case PLAIN_TEXT -> tokenized(plainOne, time);
      case MERGED_TOKENS -> oneByOne(mergedOne, time);
      case MERGED_TEXT -> tokenized(mergedOne, time);
      case SERVED_TEXT -> served(shortTexts, 1, time);
      case PLAIN_8X32 -> batches(plainFew, shortRows, FEW, time);
      case MERGED_8X32 -> batches(mergedFew, shortRows, FEW, time);
      case SERVED_8X32 -> served(shortTexts, FEW, time);
      case QUEUED_8X32 -> served(shortTexts, 2 * FEW, time);
      case PLAIN_32X64 -> batches(plainMany, longRows, MANY, time);
      case MERGED_32X64 -> batches(mergedMany, longRows, MANY, time);
      case SERVED_32X64 -> served(longTexts, MANY, time);
      case QUEUED_32X64 -> served(longTexts, 2 * MANY, time);
    };
  }

  /** Of all turns with one client so far. */
  Stages stages() {
    return Stages.of(ofOneClient);
  }

  /** Refused requests of all turns so far, by status. */
  SortedMap<String, Long> failures() {
    return failures;
  }

  @Override
  public void close() {
    open.forEach(PlainModel::close);
  }

  private PlainModel model(OnnxRuntime runtime, Graph graph, int labels) {
    PlainModel model = PlainModel.alone(runtime, graph, labels);
    open.add(model);
    return model;
  }

  private Sample oneByOne(PlainModel.Shape model, Duration time) {
    return batches(model, shortRows, 1, time);
  }

  private Sample batches(PlainModel.Shape model, List<Encoding> rows, int batch, Duration time) {
    return loop(
        time,
        batch,
        i -> {
          int from = i * batch % rows.size();
          model.labels(rows.subList(from, from + batch));
        });
  }

  private Sample tokenized(PlainModel.Shape model, Duration time) {
    return loop(
        time,
        1,
        i -> {
          TextPair text = shortTexts.get(i % shortTexts.size());
          model.labels(List.of(tokenizer.encode(text.text(), text.pair(), maxTokens)));
        });
  }

  private static Sample loop(Duration time, int rows, IntConsumer call) {
    Histogram latencies = Latencies.histogram();
    long cpu = ProcessorTime.nanos();
    long begin = System.nanoTime();
    long measured = begin + time.toNanos() / WARM_UP_PART;
    long end = begin + time.toNanos();
    long first = begin;
    long last = begin;
    int calls = 0;
    while (last < end || latencies.getTotalCount() == 0) {
      long sent = last;
      call.accept(calls);
      calls++;
      last = System.nanoTime();
      if (sent >= measured) {
        latencies.recordValue(last - sent);
      } else {
        first = last;
      }
    }
    double cpuPerRow = (double) (ProcessorTime.nanos() - cpu) / ((long) calls * rows);
    double perSecond = latencies.getTotalCount() * rows * 1e9 / (last - first);
    return new Sample(perSecond, latencies, cpuPerRow);
  }

  private Sample served(List<TextPair> texts, int clients, Duration time)
      throws InterruptedException {
    Duration warmUp = time.dividedBy(WARM_UP_PART);
    try (ClosedLoop loop =
        ClosedLoop.start(LoadSettings.closedLoop(server, task, texts, clients))) {
      loop.run(warmUp);
      // The first requests open connections.
      loop.awaitExchanges(clients);
      long cpu = ProcessorTime.nanos();
      long before = loop.completed();
      long begin = System.nanoTime();
      loop.run(time.minus(warmUp));
      long missing = 2L * clients - (loop.completed() - before);
      if (missing > 0) {
        loop.awaitExchanges((int) missing);
      }
      long end = System.nanoTime();
      double cpuPerRow =
          (double) (ProcessorTime.nanos() - cpu) / Math.max(1, loop.completed() - before);
      return sample(loop.stop(), clients, begin, end, cpuPerRow);
    }
  }

  private Sample sample(
      List<Exchange> exchanges, int clients, long begin, long end, double cpuPerRow) {
    Histogram latencies = Latencies.histogram();
    List<Exchange> answers = new ArrayList<>();
    for (Exchange exchange : exchanges) {
      if (exchange.reply() == null) {
        failures.merge(exchange.status(), 1L, Long::sum);
        continue;
      }
      answers.add(exchange);
      if (exchange.receivedNanos() >= begin && exchange.receivedNanos() < end) {
        latencies.recordValue(exchange.latencyNanos());
        if (clients == 1) {
          ofOneClient.add(exchange);
        }
      }
    }
    double perSecond = WholeCycles.perSecond(answers, begin, end);
    return new Sample(perSecond, latencies, cpuPerRow);
  }
}
