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
import io.sluice.loadtest.Target;
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
  private final PlainModel plainOne;
  private final PlainModel mergedOne;
  private final PlainModel plainFew;
  private final PlainModel mergedFew;
  private final PlainModel plainMany;
  private final PlainModel mergedMany;
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
    Graph untouched = MergedGraph.untouched(backbone, bundle);
    Graph adapted = MergedGraph.adapted(backbone, bundle);
    plainOne = model(runtime, untouched, 1, SHORT_TOKENS, labels);
    mergedOne = model(runtime, adapted, 1, SHORT_TOKENS, labels);
    plainFew = model(runtime, untouched, FEW, SHORT_TOKENS, labels);
    mergedFew = model(runtime, adapted, FEW, SHORT_TOKENS, labels);
    plainMany = model(runtime, untouched, MANY, LONG_TOKENS, labels);
    mergedMany = model(runtime, adapted, MANY, LONG_TOKENS, labels);
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
      case PLAIN_32X64 -> batches(plainMany, longRows, MANY, time);
      case MERGED_32X64 -> batches(mergedMany, longRows, MANY, time);
      case SERVED_32X64 -> served(longTexts, MANY, time);
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

  private PlainModel model(OnnxRuntime runtime, Graph graph, int rows, int tokens, int labels) {
    PlainModel model = new PlainModel(runtime, graph, rows, tokens, labels);
    open.add(model);
    return model;
  }

  private Sample oneByOne(PlainModel model, Duration time) {
    return batches(model, shortRows, 1, time);
  }

  private Sample batches(PlainModel model, List<Encoding> rows, int batch, Duration time) {
    return loop(
        time,
        batch,
        i -> {
          int from = i * batch % rows.size();
          model.labels(rows.subList(from, from + batch));
        });
  }

  private Sample tokenized(PlainModel model, Duration time) {
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
    long begin = System.nanoTime();
    long measured = begin + time.toNanos() / 5;
    long end = begin + time.toNanos();
    long first = begin;
    long last = begin;
    for (int i = 0; last < end || latencies.getTotalCount() == 0; i++) {
      long sent = last;
      call.accept(i);
      last = System.nanoTime();
      if (sent >= measured) {
        latencies.recordValue(last - sent);
      } else {
        first = last;
      }
    }
    return new Sample(latencies.getTotalCount() * rows, last - first, latencies);
  }

  private Sample served(List<TextPair> texts, int clients, Duration time)
      throws InterruptedException {
    long begin = System.nanoTime();
    List<Exchange> exchanges;
    try (ClosedLoop loop =
        ClosedLoop.start(LoadSettings.closedLoop(server, task, texts, clients))) {
      loop.run(time);
      exchanges = loop.stop();
    }
    long measured = begin + time.toNanos() / 5;
    long end = begin + time.toNanos();
    Histogram latencies = Latencies.histogram();
    long rows = 0;
    for (Exchange exchange : exchanges) {
      if (exchange.reply() == null) {
        failures.merge(exchange.status(), 1L, Long::sum);
        continue;
      }
      if (exchange.receivedNanos() >= measured && exchange.receivedNanos() < end) {
        rows++;
      }
      if (exchange.sentNanos() >= measured) {
        latencies.recordValue(exchange.latencyNanos());
        if (clients == 1) {
          ofOneClient.add(exchange);
        }
      }
    }
    return new Sample(rows, end - measured, latencies);
  }
}
