package io.sluice.loadtest.scale;

import static java.util.Objects.requireNonNull;

import io.sluice.loadtest.ActivationOutcome;
import io.sluice.loadtest.AdminCalls;
import io.sluice.loadtest.Latencies;
import io.sluice.loadtest.bundle.TaskFamily;
import io.sluice.registry.bundle.AdapterBundle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.HdrHistogram.Histogram;

/**
 * Tasks of one family sent to a server from several connections at once, each made when its turn
 * comes and forgotten when it is sent. Confined to one thread.
 */
final class Registrations {
  /**
   * Some registrations.
   *
   * @param latencies of each, from send to reply
   * @param compiled structures compiled for them
   * @param seconds for all of them, the making of the bundles included
   */
  record Made(Latencies latencies, int compiled, double seconds) {
    Made {
      requireNonNull(latencies, "latencies");
    }
  }

  private final AdminCalls admin;
  private final TaskFamily family;
  private final int connections;
  private final Map<String, String> digests = new ConcurrentHashMap<>();

  Registrations(AdminCalls admin, TaskFamily family, int connections) {
    this.admin = requireNonNull(admin, "admin");
    this.family = requireNonNull(family, "family");
    this.connections = connections;
  }

  /** The digest by the task's name. */
  Map<String, String> digests() {
    return digests;
  }

  static String name(int number) {
    return "task-" + number;
  }

  /**
   * Registers the tasks of these numbers.
   *
   * @param progress told of each number when its turn comes
   */
  Made register(int from, int to, IntConsumer progress) throws InterruptedException {
    AtomicInteger next = new AtomicInteger(from);
    AtomicInteger compiled = new AtomicInteger();
    Histogram all = Latencies.histogram();
    long begin = System.nanoTime();
    ExecutorService senders = Executors.newFixedThreadPool(connections);
    try {
      List<Future<Histogram>> sent = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        sent.add(senders.submit(() -> send(next, to, compiled, progress)));
      }
      for (Future<Histogram> one : sent) {
        all.add(one.get());
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("registration: " + e.getCause(), e);
    } finally {
      senders.shutdownNow();
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    return new Made(Latencies.of(all), compiled.get(), seconds);
  }

  private Histogram send(AtomicInteger next, int to, AtomicInteger compiled, IntConsumer progress) {
    Histogram latencies = Latencies.histogram();
    try (AdminCalls connection = admin.another()) {
      for (int i = next.getAndIncrement(); i < to; i = next.getAndIncrement()) {
        progress.accept(i);
        AdapterBundle bundle = family.member(i);
        long begin = System.nanoTime();
        ActivationOutcome outcome = connection.register(name(i), bundle);
        latencies.recordValue(System.nanoTime() - begin);
        compiled.addAndGet(outcome.compiledStructures());
        digests.put(name(i), bundle.digest().toString());
      }
    }
    return latencies;
  }
}
