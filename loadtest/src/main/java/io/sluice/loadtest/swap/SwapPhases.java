package io.sluice.loadtest.swap;

import static java.util.Objects.requireNonNull;

import io.sluice.loadtest.AsyncCalls;
import io.sluice.loadtest.Bed;
import io.sluice.loadtest.Exchange;
import io.sluice.loadtest.InferenceCalls;
import io.sluice.loadtest.Latencies;
import io.sluice.loadtest.Progress;
import io.sluice.loadtest.TaskMix;
import io.sluice.loadtest.bundle.TaskFamily;
import io.sluice.loadtest.load.OpenLoop;
import io.sluice.loadtest.load.OpenLoopSettings;
import io.sluice.loadtest.load.Phase;
import io.sluice.registry.bundle.AdapterBundle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Quiet stretches and stretches with swaps under one steady load, in turns, so that drift hits both
 * alike; and before them the time from sending a new bundle to its first answer. Confined to one
 * thread.
 */
public final class SwapPhases {
  private static final String TASK = "swapped";
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final int CLIENTS = 16;
  private static final int CONNECTIONS = 4;

  /**
   * What is asked of the benchmark.
   *
   * @param perSecond swaps a second
   * @param pairs of a quiet and a swapping stretch
   * @param load rate of the requests, as part of what a closed loop gets
   * @param fresh new bundles whose first answers are timed, idle and under the load
   */
  public record Settings(double perSecond, int pairs, double load, int fresh) {
    public Settings {
      if (!(perSecond > 0) || pairs < 1 || !(load > 0) || fresh < 1) {
        throw new IllegalArgumentException(
            "perSecond, pairs, load, fresh: "
                + perSecond
                + ", "
                + pairs
                + ", "
                + load
                + ", "
                + fresh
                + " (expected: > 0, >= 1, > 0, >= 1)");
      }
    }
  }

  private final Bed bed;
  private final TaskFamily family;
  private final Phase phase;
  private final Settings settings;
  private final AdapterBundle one;
  private final AdapterBundle other;

  public SwapPhases(Bed bed, TaskFamily family, Phase phase, Settings settings) {
    this.bed = requireNonNull(bed, "bed");
    this.family = requireNonNull(family, "family");
    this.phase = requireNonNull(phase, "phase");
    this.settings = requireNonNull(settings, "settings");
    this.one = family.member(1);
    this.other = family.member(2);
  }

  /** Runs. */
  public SwapFound run(Progress progress) throws Exception {
    bed.admin().store(TASK, other);
    bed.admin().register(TASK, one);
    ActivationLog log = new ActivationLog(one.digest());
    List<Exchange> all = new ArrayList<>();
    Phase checked =
        new Phase(
            phase.target(),
            phase.texts(),
            phase.warmUp(),
            phase.time(),
            phase.objective(),
            all::add);
    progress.at(0, "warming up");
    checked
        .lasting(phase.warmUp(), phase.time().multipliedBy(2))
        .closed(TaskMix.only(TASK), CLIENTS);
    double closed = checked.closed(TaskMix.only(TASK), CLIENTS).answered();
    double rate = settings.load() * closed;
    progress.at(0.08, "first answers of new bundles, idle");
    Latencies idle = firstAnswers(10);
    List<SwapFound.Pair> pairs = new ArrayList<>();
    Histogram quietAll = Latencies.histogram();
    Histogram swappingAll = Latencies.histogram();
    Histogram activations = Latencies.histogram();
    Latencies busy;
    try (AsyncCalls calls = new AsyncCalls(bed.data(), CONNECTIONS)) {
      progress.at(0.12, "first answers of new bundles, under load");
      busy = underLoad(calls, rate, all, () -> firstAnswers(10_000_000));
      for (int pair = 0; pair < settings.pairs(); pair++) {
        progress.at(
            0.16 + 0.84 * pair / settings.pairs(),
            "pair " + (pair + 1) + " of " + settings.pairs());
        Histogram quiet = Latencies.histogram();
        Histogram swapping = Latencies.histogram();
        for (int half = 0; half < 2; half++) {
          boolean swaps = half != pair % 2;
          stretch(
              calls,
              rate,
              2L * pair + half,
              swaps ? log : null,
              swaps ? swapping : quiet,
              all,
              activations);
        }
        pairs.add(new SwapFound.Pair(Latencies.of(quiet), Latencies.of(swapping)));
        quietAll.add(quiet);
        swappingAll.add(swapping);
      }
    }
    SortedMap<String, Long> failures = new TreeMap<>();
    all.stream()
        .filter(exchange -> exchange.reply() == null)
        .forEach(exchange -> failures.merge(exchange.status(), 1L, Long::sum));
    return new SwapFound(
        settings,
        closed,
        rate,
        idle,
        busy,
        pairs,
        Latencies.of(quietAll),
        Latencies.of(swappingAll),
        Latencies.of(activations),
        phase.time().plus(phase.warmUp()).toNanos() / 1e9 * settings.pairs(),
        all.size(),
        failures,
        new ReplyCheck(log.activations())
            .violations(all).stream().map(Violation::message).toList());
  }

  /**
   * Sends bundles of a structure the server knows; each is timed from there to its first answer.
   */
  private Latencies firstAnswers(long firstNumber) {
    Histogram times = Latencies.histogram();
    try (InferenceCalls calls = new InferenceCalls(bed.data(), DEADLINE)) {
      for (int i = 0; i < settings.fresh(); i++) {
        AdapterBundle bundle = family.member(firstNumber + i);
        String task = "fresh-" + firstNumber + "-" + i;
        long begin = System.nanoTime();
        bed.admin().register(task, bundle);
        Exchange first = calls.classify(0, task, phase.texts().get(i % phase.texts().size()));
        long took = System.nanoTime() - begin;
        Exchange.Reply reply = first.reply();
        if (reply == null || !reply.digest().equals(bundle.digest().toString())) {
          throw new IllegalStateException(task + ": " + first + " (expected: " + bundle + ")");
        }
        times.recordValue(took);
      }
    }
    return Latencies.of(times);
  }

  private <T> T underLoad(AsyncCalls calls, double rate, List<Exchange> all, Callable<T> work)
      throws Exception {
    ExecutorService sender = Executors.newSingleThreadExecutor();
    try {
      Duration about = phase.time();
      Future<List<Exchange>> sent =
          sender.submit(() -> OpenLoop.run(load(rate, about, bed.seed() - 1), calls));
      T result = work.call();
      all.addAll(sent.get());
      return result;
    } finally {
      sender.shutdownNow();
    }
  }

  private void stretch(
      AsyncCalls calls,
      double rate,
      long number,
      @Nullable ActivationLog log,
      Histogram into,
      List<Exchange> all,
      Histogram activations)
      throws Exception {
    Duration whole = phase.warmUp().plus(phase.time());
    long begin = System.nanoTime();
    long end = begin + whole.toNanos();
    ExecutorService sender = Executors.newSingleThreadExecutor();
    try {
      Future<List<Exchange>> sent =
          sender.submit(() -> OpenLoop.run(load(rate, whole, bed.seed() + number), calls));
      if (log != null) {
        swap(log, begin, end, activations);
      }
      List<Exchange> exchanges = sent.get();
      all.addAll(exchanges);
      long from = begin + phase.warmUp().toNanos();
      exchanges.stream()
          .filter(exchange -> exchange.reply() != null && exchange.intendedNanos() >= from)
          .forEach(exchange -> into.recordValue(Math.max(0, exchange.latencyNanos())));
    } catch (ExecutionException e) {
      throw new IllegalStateException("load: " + e.getCause(), e);
    } finally {
      sender.shutdownNow();
    }
  }

  private void swap(ActivationLog log, long beginNanos, long endNanos, Histogram activations)
      throws Exception {
    double gap = 1e9 / settings.perSecond();
    for (int i = 0; beginNanos + i * gap < endNanos; i++) {
      long due = beginNanos + (long) (i * gap);
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      if (System.nanoTime() >= endNanos) {
        return;
      }
      Activated last = log.activations().get(log.activations().size() - 1);
      AdapterBundle next = last.digest().equals(one.digest()) ? other : one;
      Activated made = log.activate(() -> bed.admin().activate(TASK, next.digest()).digest());
      activations.recordValue(made.durationNanos());
    }
  }

  private OpenLoopSettings load(double rate, Duration duration, long seed) {
    return new OpenLoopSettings(TaskMix.only(TASK), phase.texts(), rate, duration, DEADLINE, seed);
  }
}
