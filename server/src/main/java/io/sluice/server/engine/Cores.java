package io.sluice.server.engine;

import io.sluice.backbone.runtime.OnnxRuntime;

/**
 * How an engine divides the processor: batches side by side, each by one thread, as long as there
 * are many, and a few by several threads each when there are few.
 *
 * @param batches computed at once at most
 * @param wideThreads threads of a batch that is one of few; 0 for what the runtime has
 */
record Cores(int batches, int wideThreads) {
  /** One text is computed no faster by more. */
  private static final int WIDEST = 8;

  /** So many, for the rest of a text's way, suit the parts of what is shared out. */
  private static final int OF_A_SHARE = 2;

  /** All that the runtime has. A GPU computes one batch after another. */
  static Cores of(OnnxRuntime runtime) {
    if (runtime.settings().device().isCuda()) {
      return new Cores(1, 0);
    }
    int threads = runtime.settings().threads();
    return new Cores(threads, Math.min(threads, WIDEST));
  }

  /** Batches that can have {@link #wideThreads} threads each at the same time. */
  int wideAtOnce() {
    return wideThreads == 0 ? 1 : batches / wideThreads;
  }

  /** Shares of batches that can have several threads each at the same time. */
  int sharesAtOnce() {
    return wideThreads == 0 ? 1 : batches / ofShare(wideThreads);
  }

  /** The several threads of a share, where a batch has so many. */
  static int ofShare(int wideThreads) {
    return Math.min(wideThreads, OF_A_SHARE);
  }
}
