package io.sluice.server.engine;

import java.util.List;

/** Those who could go on with a part of a batch, as who computes it sees them. */
interface IdleThreads {
  /** There are none. */
  IdleThreads NONE =
      new IdleThreads() {
        @Override
        public int free() {
          return 0;
        }

        @Override
        public boolean give(List<Begun> shares) {
          throw new IllegalStateException("idle threads: none (expected: some)");
        }
      };

  /** How many have nothing to do, nor will have in a moment. */
  int free();

  /**
   * Hands shares of the batch over, which are answered by others from now on.
   *
   * @param shares one or more
   * @return whether there are several threads for each of them and for what is left
   */
  boolean give(List<Begun> shares);
}
