package io.sluice.backbone.runtime;

import static java.util.Objects.requireNonNull;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntUnaryOperator;

/**
 * The orderly end of a process on SIGTERM and SIGINT: the caller's stop action, then {@link
 * OnnxRuntime#quiesce}, then the JVM goes down. Without it ONNX Runtime's own shutdown hook frees
 * the library under running threads.
 *
 * <p>{@code sun.misc.Signal} is in every JDK (module jdk.unsupported) but javac warns of each
 * mention, which no flag turns off, so it is reached by reflection.
 */
public final class ProcessSignals {
  private static final String[] NAMES = {"TERM", "INT"};
  private static final int EXIT_BASE = 128;

  private ProcessSignals() {}

  /**
   * On the first signal runs {@code stop} and exits with 128 + the signal's number, as a shell
   * expects. A second signal during that ends the process at once.
   *
   * @param stop stops the process's work; what it throws goes to the handler of uncaught
   *     exceptions, and the end goes on
   * @param timeout how long to wait for runs that are under way after {@code stop}
   */
  public static void install(Runnable stop, OnnxRuntime runtime, Duration timeout) {
    install(stop, runtime, timeout, signal -> EXIT_BASE + signal);
  }

  /** As above, with an exit code of the caller's choice for a signal's number. */
  public static void install(
      Runnable stop, OnnxRuntime runtime, Duration timeout, IntUnaryOperator exitCode) {
    requireNonNull(stop, "stop");
    requireNonNull(runtime, "runtime");
    requireNonNull(timeout, "timeout");
    requireNonNull(exitCode, "exitCode");
    AtomicBoolean stopping = new AtomicBoolean();
    handle(
        signal -> {
          int code = exitCode.applyAsInt(signal);
          if (!stopping.compareAndSet(false, true)) {
            Runtime.getRuntime().halt(code);
          }
          // Handlers run on daemon threads. Once stop has let the program's own threads end, the
          // JVM
          // would go down with code 0 before the end is reached; a thread that is no daemon holds
          // it.
          Thread ending = new Thread(() -> end(stop, runtime, timeout, code), "sluice-end");
          ending.setDaemon(false);
          ending.start();
        });
  }

  private static void end(Runnable stop, OnnxRuntime runtime, Duration timeout, int code) {
    try {
      stop.run();
    } catch (RuntimeException | Error e) {
      // Ending goes on: exit below never returns, so it would be lost if it were thrown.
      Thread current = Thread.currentThread();
      current.getUncaughtExceptionHandler().uncaughtException(current, e);
    }
    if (runtime.quiesce(timeout)) {
      Runtime.getRuntime().exit(code);
    } else {
      // Runs are still under way: going down without the hooks leaves the library in place under
      // them.
      Runtime.getRuntime().halt(code);
    }
  }

  private interface SignalAction {
    void accept(int number);
  }

  private static void handle(SignalAction action) {
    try {
      Class<?> signalClass = Class.forName("sun.misc.Signal");
      Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
      Method number = signalClass.getMethod("getNumber");
      Object handler =
          Proxy.newProxyInstance(
              handlerClass.getClassLoader(),
              new Class<?>[] {handlerClass},
              (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  action.accept((int) number.invoke(arguments[0]));
                  return null;
                }
                return switch (method.getName()) {
                  case "equals" -> proxy == arguments[0];
                  case "hashCode" -> System.identityHashCode(proxy);
                  default -> "sluice signal handler";
                };
              });
      Method install = signalClass.getMethod("handle", signalClass, handlerClass);
      for (String name : NAMES) {
        install.invoke(null, signalClass.getConstructor(String.class).newInstance(name), handler);
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "signals: cannot be handled: " + e + " (expected: a JDK with jdk.unsupported)", e);
    }
  }
}
