package io.sluice.loadtest.soak;

import static java.util.Objects.requireNonNull;

import io.sluice.loadtest.AsyncCalls;
import io.sluice.loadtest.Bed;
import io.sluice.loadtest.Progress;
import io.sluice.loadtest.TaskMix;
import io.sluice.loadtest.bundle.TaskFamily;
import io.sluice.loadtest.load.Phase;
import io.sluice.loadtest.vitals.ServerVitals;
import io.sluice.loadtest.vitals.Vitals;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Plain requests, several tasks at once, over-long texts, tight deadlines, cancellations, bad
 * requests, and bundles on the move, all at the same time, while the server's process is watched.
 * Confined to one thread.
 */
public final class Soak {
  private static final int CLIENTS = 16;
  private static final int CONNECTIONS = 4;

  private final Bed bed;
  private final TaskFamily family;
  private final Phase phase;
  private final SoakSettings settings;

  /**
   * @param phase its time is that of the closed loop before the soak
   */
  public Soak(Bed bed, TaskFamily family, Phase phase, SoakSettings settings) {
    this.bed = requireNonNull(bed, "bed");
    this.family = requireNonNull(family, "family");
    this.phase = requireNonNull(phase, "phase");
    this.settings = requireNonNull(settings, "settings");
  }

  /** Runs. */
  public SoakFound run(Progress progress) throws InterruptedException {
    Tally tally = new Tally();
    Churn churn = new Churn(bed.admin(), family, settings.tasks(), tally, random(bed.seed() + 1));
    progress.at(0, "registering " + settings.tasks() + " tasks");
    churn.begin();
    TaskMix mix = TaskMix.zipf(churn.names(), 1);
    progress.at(0, "closed loop");
    double rate = settings.load() * phase.closed(mix, CLIENTS).answered();
    long begin = System.nanoTime();
    long end = begin + settings.duration().toNanos();
    ExecutorService others = Executors.newFixedThreadPool(2);
    try (ServerVitals server = ServerVitals.attach(bed.serverPid());
        AsyncCalls calls = new AsyncCalls(bed.data(), CONNECTIONS);
        Requests requests =
            new Requests(calls, mix, phase.texts(), churn, tally, random(bed.seed()))) {
      Future<?> sending = others.submit(() -> send(requests, rate, begin, end));
      Future<?> changing = others.submit(() -> change(churn, begin, end));
      List<Vitals> vitals = watch(server, progress, begin, end);
      sending.get();
      changing.get();
      requests.awaitEnds();
      boolean alive = ProcessHandle.of(bed.serverPid()).map(ProcessHandle::isAlive).orElse(false);
      return tally.found(settings, rate, vitals, alive);
    } catch (ExecutionException e) {
      throw new IllegalStateException("soak: " + e.getCause(), e);
    } finally {
      others.shutdownNow();
    }
  }

  private void send(Requests requests, double rate, long begin, long end) {
    RandomGenerator gaps = random(bed.seed() + 2);
    double at = begin;
    while (at < end) {
      at += gaps.nextExponential() * 1e9 / rate;
      if (!awaitTime((long) at)) {
        return;
      }
      requests.send((long) at);
    }
  }

  private void change(Churn churn, long begin, long end) {
    double gap = 1e9 / settings.changesPerSecond();
    for (int i = 1; begin + i * gap < end; i++) {
      if (!awaitTime(begin + (long) (i * gap))) {
        return;
      }
      churn.change();
    }
  }

  private List<Vitals> watch(ServerVitals server, Progress progress, long begin, long end)
      throws InterruptedException {
    List<Vitals> vitals = new ArrayList<>();
    long every = settings.sampleEvery().toNanos();
    for (int i = 0; begin + i * every <= end; i++) {
      long left = begin + i * every - System.nanoTime();
      TimeUnit.NANOSECONDS.sleep(Math.max(0, left));
      Vitals now = server.readCollected();
      vitals.add(now);
      progress.at(
          Math.min(1, (double) (now.atNanos() - begin) / (end - begin)),
          (now.residentBytes() >> 20) + " MiB, " + now.openFiles() + " files");
    }
    return vitals;
  }

  /** False when the thread is to end. */
  private static boolean awaitTime(long nanos) {
    for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
      if (Thread.currentThread().isInterrupted()) {
        return false;
      }
    }
    return true;
  }

  private static RandomGenerator random(long seed) {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }
}
