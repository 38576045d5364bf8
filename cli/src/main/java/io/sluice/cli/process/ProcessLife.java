package io.sluice.cli.process;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.ProcessSignals;
import io.sluice.backbone.runtime.RuntimeSettings;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The process as commands see it: starts ONNX Runtime when the first of them needs it, stops what
 * is running when a signal comes, and goes down only when nothing computes any more.
 *
 * <p>Thread-safe.
 */
public final class ProcessLife {
  private static final Duration LAST_RUNS = Duration.ofSeconds(20);

  /** What shells add to the number of a signal. */
  private static final int SIGNALLED = 128;

  private final boolean signals;
  private final Map<String, String> environment;
  private final Deque<Runnable> stopActions = new ArrayDeque<>();
  private @Nullable OnnxRuntime runtime;
  private boolean stopping;
  private boolean endsBySignal;

  private ProcessLife(boolean signals, Map<String, String> environment) {
    this.signals = signals;
    this.environment = Map.copyOf(environment);
  }

  /** A process of our own: TERM and INT end it in order. */
  public static ProcessLife own() {
    return new ProcessLife(true, System.getenv());
  }

  /** A guest in somebody else's process, a test: signals and the end are not ours. */
  public static ProcessLife guest() {
    return guest(Map.of());
  }

  /** The same with variables of an environment. */
  public static ProcessLife guest(Map<String, String> environment) {
    return new ProcessLife(false, environment);
  }

  /** The variables that commands may take options from. */
  public Map<String, String> environment() {
    return environment;
  }

  /** The runtime with its default settings, or as it was started before. */
  public OnnxRuntime runtime() {
    return begin(null);
  }

  /**
   * The runtime with so many threads, on the processor.
   *
   * @param threads 1 or more; the number it was started with if it is running
   */
  public OnnxRuntime runtime(int threads) {
    return begin(new RuntimeSettings(threads));
  }

  /** Runs {@code action} when a signal comes, before those handed in earlier. */
  public void onStop(Runnable action) {
    requireNonNull(action, "action");
    synchronized (stopActions) {
      stopActions.push(action);
    }
  }

  /** Takes back what was handed to {@link #onStop}. */
  public void forget(Runnable action) {
    synchronized (stopActions) {
      stopActions.remove(action);
    }
  }

  /** Says that a signal is how this process is meant to end: the first one gives exit code 0. */
  public void endsBySignal() {
    synchronized (stopActions) {
      endsBySignal = true;
    }
  }

  /** Whether a signal has come. */
  public boolean stopping() {
    synchronized (stopActions) {
      return stopping;
    }
  }

  /** Ends the process when nothing computes any more. Does not return. */
  public void end(int code) {
    if (stopping()) {
      awaitEnd();
    }
    OnnxRuntime started = started();
    if (started == null || started.quiesce(LAST_RUNS)) {
      System.exit(code);
    }
    // Without the shutdown hooks, which would free the library under its last runs.
    Runtime.getRuntime().halt(code);
  }

  private synchronized @Nullable OnnxRuntime started() {
    return runtime;
  }

  private synchronized OnnxRuntime begin(@Nullable RuntimeSettings settings) {
    OnnxRuntime running = runtime;
    if (running == null) {
      running = settings == null ? OnnxRuntime.shared() : OnnxRuntime.start(settings);
      runtime = running;
      if (signals) {
        ProcessSignals.install(this::stop, running, LAST_RUNS, this::exitCode);
      }
    }
    return running;
  }

  private int exitCode(int signal) {
    synchronized (stopActions) {
      return endsBySignal && !stopping ? 0 : SIGNALLED + signal;
    }
  }

  private void stop() {
    Deque<Runnable> actions;
    synchronized (stopActions) {
      stopping = true;
      actions = new ArrayDeque<>(stopActions);
    }
    actions.forEach(Runnable::run);
  }

  /** The thread that handles the signal ends the process. */
  private static void awaitEnd() {
    while (true) {
      try {
        Thread.currentThread().join();
      } catch (InterruptedException e) {
        // Nobody interrupts the last thread for a reason.
      }
    }
  }
}
