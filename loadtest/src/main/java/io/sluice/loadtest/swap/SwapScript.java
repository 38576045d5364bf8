package io.sluice.loadtest.swap;

/** What is done to the task while clients ask: some activations. */
@FunctionalInterface
public interface SwapScript {
  /** Runs on the caller's thread; every activation goes through {@code log}. */
  void run(ActivationLog log) throws Exception;
}
