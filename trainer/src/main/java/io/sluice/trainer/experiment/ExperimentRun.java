package io.sluice.trainer.experiment;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.trainer.Progress;
import io.sluice.trainer.ProgressListener;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * What is left to do of an experiment: cells without a result that nobody else is at, some at a
 * time, the longest first. A cell that fails is written down and does not stop the others. Used
 * once, from one thread.
 */
public final class ExperimentRun {
  private final CellTrainer trainer;
  private final ExperimentFolder folder;
  private final ExperimentListener listener;
  private final Instant begun;

  /**
   * @param clock what failures of this run are told from older ones by, which are tried again
   */
  public ExperimentRun(
      CellTrainer trainer,
      ExperimentFolder folder,
      ExperimentListener listener,
      InstantSource clock) {
    this.trainer = requireNonNull(trainer, "trainer");
    this.folder = requireNonNull(folder, "folder");
    this.listener = requireNonNull(listener, "listener");
    this.begun = clock.instant();
  }

  /**
   * Runs what can be run and returns when nothing is left to take.
   *
   * @param jobs cells at a time, 1 or more
   * @throws SluiceException {@code FAILED_PRECONDITION} if a cell was done with other settings;
   *     {@code CANCELLED} when interrupted, after the running cells have come to an end
   */
  public void run(List<CellPlan> plans, int jobs) {
    requireSame(plans);
    Queue<CellPlan> queue =
        new ConcurrentLinkedQueue<>(
            plans.stream()
                .sorted(
                    Comparator.comparingDouble(CellPlan::work)
                        .reversed()
                        .thenComparing(CellPlan::cell))
                .toList());
    ExecutorService workers = Executors.newFixedThreadPool(jobs, this::thread);
    try {
      List<Future<?>> futures = new ArrayList<>();
      for (int i = 0; i < jobs; i++) {
        futures.add(workers.submit(() -> work(queue)));
      }
      for (Future<?> future : futures) {
        await(future);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SluiceException(
          ErrorCode.CANCELLED, "stopped; the same command goes on with what is left", e);
    } finally {
      workers.shutdownNow();
      awaitEnd(workers);
    }
  }

  private Thread thread(Runnable work) {
    Thread thread = new Thread(work, "experiment");
    thread.setDaemon(true);
    return thread;
  }

  private static void await(Future<?> future) throws InterruptedException {
    try {
      future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e);
    }
  }

  /** Nothing of ours computes or writes any more when this returns. */
  private static void awaitEnd(ExecutorService workers) {
    boolean interrupted = Thread.interrupted();
    while (!workers.isTerminated()) {
      try {
        if (workers.awaitTermination(1, TimeUnit.SECONDS)) {
          break;
        }
      } catch (InterruptedException e) {
        interrupted = true; // The cells have been told already.
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Results of other settings in the folder would be put beside ours. */
  private void requireSame(List<CellPlan> plans) {
    List<String> problems = new ArrayList<>();
    for (CellPlan plan : plans) {
      CellResult result = folder.result(plan.cell());
      if (result != null) {
        plan.described()
            .forEach(
                (name, value) -> {
                  String before = result.settings().getOrDefault(name, value);
                  if (!before.equals(value)) {
                    problems.add(
                        plan.cell() + ": " + name + ": " + value + " (expected: " + before + ")");
                  }
                });
      }
    }
    if (!problems.isEmpty()) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          folder.path()
              + ": results are there of other settings (expected: the same, or another folder)\n"
              + String.join("\n", problems));
    }
  }

  private void work(Queue<CellPlan> queue) {
    for (CellPlan plan = queue.poll();
        plan != null && !Thread.currentThread().isInterrupted();
        plan = queue.poll()) {
      take(plan);
    }
  }

  private void take(CellPlan plan) {
    try (ExperimentFolder.Claimed claimed = folder.claim(plan.cell())) {
      boolean done = folder.result(plan.cell()) != null;
      if (claimed == null || done || folder.failedSince(plan.cell(), begun)) {
        listener.passed(plan, done);
        return;
      }
      listener.started(plan);
      run(plan, claimed);
    }
  }

  private void run(CellPlan plan, ExperimentFolder.Claimed claimed) {
    try {
      ProgressListener heard =
          new ProgressListener() {
            @Override
            public void progressed(Progress progress) {
              listener.progressed(plan, progress);
            }
          };
      CellResult result = trainer.run(plan, folder.folder(plan.cell()), heard);
      claimed.finish(result);
      listener.finished(plan, result);
    } catch (RuntimeException | OutOfMemoryError e) {
      if (e instanceof SluiceException stopped && stopped.code() == ErrorCode.CANCELLED) {
        Thread.currentThread().interrupt();
        return;
      }
      claimed.fail(plan.cell(), trace(e));
      listener.failed(plan, String.valueOf(e.getMessage()));
    }
  }

  private static String trace(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text, true));
    return failure.getMessage() + "\n\n" + text;
  }
}
