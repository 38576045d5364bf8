package io.sluice.server.activation;

/** Hears what becomes of tasks; of one task, in the order it happens. Must be quick. */
public interface TaskListener {
  /**
   * A task is known.
   *
   * @param serving whether it can be asked
   */
  void serving(String task, boolean serving);

  /** A task is known no more. */
  void retired(String task);
}
