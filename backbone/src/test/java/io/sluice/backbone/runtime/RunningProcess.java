package io.sluice.backbone.runtime;

import io.sluice.backbone.SluiceException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * A main of {@link ProcessEndTest}: threads that run a session for ever, until the runtime refuses.
 */
final class RunningProcess {
  static final String RUNNING = "running";
  private static final int THREADS = 3;
  private static final int FAILED = 70;

  private RunningProcess() {}

  public static void main(String[] arguments) throws InterruptedException {
    PrintStream out = System.out;
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, failure) -> {
          failure.printStackTrace(out);
          if (!(failure instanceof IllegalStateException)) {
            Runtime.getRuntime().halt(FAILED);
          }
        });
    OnnxRuntime runtime = OnnxRuntime.start(new RuntimeSettings(2));
    OnnxSession session = runtime.open(Models.heavy(50), SessionSettings.defaults());
    CountDownLatch ran = new CountDownLatch(THREADS);
    ProcessSignals.install(() -> stop(arguments, out), runtime, Duration.ofSeconds(30));
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      threads.add(new Thread(() -> run(runtime, session, ran, out)));
    }
    // The end does not wait for Java threads, and these have a last word to say.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> threads.forEach(RunningProcess::join)));
    threads.forEach(Thread::start);
    ran.await();
    out.println(RUNNING);
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void stop(String[] arguments, PrintStream out) {
    out.println("stop");
    if (arguments.length > 0) {
      throw new IllegalStateException(arguments[0]);
    }
  }

  private static void run(
      OnnxRuntime runtime, OnnxSession session, CountDownLatch ran, PrintStream out) {
    HostTensor x = HostTensor.floats(runtime, new float[128 * 128], 128, 128);
    try {
      while (true) {
        session.run(Map.of("x", x), List.of("y")).close();
        ran.countDown();
      }
    } catch (SluiceException e) {
      out.println("refused " + e.code());
    }
  }
}
