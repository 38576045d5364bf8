package io.sluice.server.activation;

import org.jspecify.annotations.Nullable;

/** Hears how changes of tasks ended, on the thread that made them. Must be quick and not throw. */
public interface ActivationListener {
  /** What was to be done. */
  enum Action {
    REGISTER,
    ACTIVATE,
    ROLLBACK,
    RETIRE
  }

  /**
   * A change is over.
   *
   * @param failure why it was refused or failed; null when it was done
   * @param nanos it took
   */
  void over(Action action, String task, @Nullable RuntimeException failure, long nanos);
}
