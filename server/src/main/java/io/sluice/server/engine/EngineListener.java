package io.sluice.server.engine;

/** Hears what the engine does, on the threads that do it. Must be quick and must not throw. */
public interface EngineListener {
  /** Hears nothing. */
  EngineListener NONE =
      new EngineListener() {
        @Override
        public void answered(String task, int tokens, long tokenizeNanos, RowResult result) {}

        @Override
        public void computed(int rows, long nanos) {}
      };

  /**
   * A client's row has its answer, which is passed on next.
   *
   * @param tokens computed for it, special tokens included
   * @param tokenizeNanos time the tokenizer took for it and those it came with
   */
  void answered(String task, int tokens, long tokenizeNanos, RowResult result);

  /**
   * A batch is done.
   *
   * @param rows answered by it, the server's own among them
   * @param nanos it took
   */
  void computed(int rows, long nanos);
}
