package io.sluice.loadtest.multi;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.TextPair;
import io.sluice.loadtest.AsyncCalls;
import io.sluice.loadtest.Bed;
import io.sluice.loadtest.Latencies;
import io.sluice.loadtest.Progress;
import io.sluice.loadtest.bundle.TaskFamily;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.MultiClassifyReply;
import io.sluice.proto.v1.MultiClassifyRequest;
import io.sluice.registry.bundle.AdapterBundle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.HdrHistogram.Histogram;

/**
 * One client that puts texts to several tasks in all ways, each way in its turn for every text, and
 * compares the answers. Confined to one thread.
 */
public final class MultiBenchmark {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final int WARM_UP_TEXTS = 300;

  private final Bed bed;
  private final TaskFamily family;
  private final List<TextPair> texts;
  private final List<String> names = new ArrayList<>();
  private double largestDifference;
  private int layersShared;

  /**
   * @param family the tasks are its members
   * @param texts no two alike in a round, so that no cache of texts is measured
   */
  public MultiBenchmark(Bed bed, TaskFamily family, List<TextPair> texts) {
    this.bed = requireNonNull(bed, "bed");
    this.family = requireNonNull(family, "family");
    this.texts = List.copyOf(texts);
  }

  /**
   * Runs.
   *
   * @param tasks how many
   * @param perRound texts of a round
   */
  public MultiFound run(int tasks, int rounds, int perRound, Progress progress) {
    progress.at(0, "registering " + tasks + " tasks");
    for (int i = 0; i < tasks; i++) {
      AdapterBundle bundle = family.member(i);
      bed.admin().register("task-" + i, bundle);
      names.add("task-" + i);
    }
    Map<Way, List<Double>> medians = new EnumMap<>(Way.class);
    Map<Way, Histogram> all = new EnumMap<>(Way.class);
    for (Way way : Way.values()) {
      medians.put(way, new ArrayList<>());
      all.put(way, Latencies.histogram());
    }
    try (AsyncCalls calls = new AsyncCalls(bed.data(), 1)) {
      progress.at(0.02, "warming up");
      round(calls, 0, Math.min(WARM_UP_TEXTS, 2 * perRound));
      for (int round = 0; round < rounds; round++) {
        progress.at(0.2 + 0.8 * round / rounds, "round " + (round + 1) + " of " + rounds);
        Map<Way, Histogram> times = round(calls, round * perRound, perRound);
        times.forEach(
            (way, histogram) -> {
              requireNonNull(medians.get(way)).add(histogram.getValueAtPercentile(50) / 1e6);
              requireNonNull(all.get(way)).add(histogram);
            });
      }
    }
    Map<Way, Latencies> latencies = new EnumMap<>(Way.class);
    all.forEach((way, histogram) -> latencies.put(way, Latencies.of(histogram)));
    return new MultiFound(
        tasks,
        List.copyOf(family.original().points().keySet()),
        medians,
        latencies,
        largestDifference,
        layersShared);
  }

  private Map<Way, Histogram> round(AsyncCalls calls, int first, int count) {
    Map<Way, Histogram> times = new EnumMap<>(Way.class);
    for (Way way : Way.values()) {
      times.put(way, Latencies.histogram());
    }
    for (int i = 0; i < count; i++) {
      TextPair text = texts.get((first + i) % texts.size());
      List<Way> order = new ArrayList<>(List.of(Way.values()));
      Collections.rotate(order, i);
      Map<Way, List<ClassifyReply>> replies = new EnumMap<>(Way.class);
      for (Way way : order) {
        long begin = System.nanoTime();
        replies.put(way, ask(calls, way, text));
        requireNonNull(times.get(way)).recordValue(System.nanoTime() - begin);
      }
      compare(replies);
    }
    return times;
  }

  private List<ClassifyReply> ask(AsyncCalls calls, Way way, TextPair text) {
    return switch (way) {
      case ONE_TASK -> List.of(classify(calls, names.get(0), text).join());
      case MULTI -> multi(calls, text);
      case AT_ONCE -> {
        List<CompletableFuture<ClassifyReply>> sent =
            names.stream().map(name -> classify(calls, name, text)).toList();
        yield sent.stream().map(CompletableFuture::join).toList();
      }
      case IN_SEQUENCE -> names.stream().map(name -> classify(calls, name, text).join()).toList();
    };
  }

  private static CompletableFuture<ClassifyReply> classify(
      AsyncCalls calls, String task, TextPair text) {
    CompletableFuture<ClassifyReply> reply = new CompletableFuture<>();
    ClassifyRequest request =
        ClassifyRequest.newBuilder().setTask(task).setText(text.text()).build();
    calls.classify(request, DEADLINE, outcome -> complete(reply, outcome));
    return reply;
  }

  private List<ClassifyReply> multi(AsyncCalls calls, TextPair text) {
    CompletableFuture<MultiClassifyReply> reply = new CompletableFuture<>();
    MultiClassifyRequest request =
        MultiClassifyRequest.newBuilder().addAllTasks(names).setText(text.text()).build();
    calls.multiClassify(request, DEADLINE, outcome -> complete(reply, outcome));
    return reply.join().getResultsList().stream().map(result -> result.getReply()).toList();
  }

  private static <R> void complete(CompletableFuture<R> reply, AsyncCalls.Outcome<R> outcome) {
    R message = outcome.reply();
    if (message == null) {
      reply.completeExceptionally(outcome.status().asRuntimeException());
    } else {
      reply.complete(message);
    }
  }

  private void compare(Map<Way, List<ClassifyReply>> replies) {
    List<ClassifyReply> multi = requireNonNull(replies.get(Way.MULTI));
    List<ClassifyReply> single = requireNonNull(replies.get(Way.IN_SEQUENCE));
    for (int task = 0; task < multi.size(); task++) {
      layersShared = multi.get(task).getInfo().getLayersShared();
      for (int label = 0; label < multi.get(task).getScoresCount(); label++) {
        double difference =
            Math.abs(
                multi.get(task).getScores(label).getScore()
                    - single.get(task).getScores(label).getScore());
        largestDifference = Math.max(largestDifference, difference);
      }
    }
  }
}
