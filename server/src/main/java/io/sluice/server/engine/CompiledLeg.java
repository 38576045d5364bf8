package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.runtime.OnnxSession;

/**
 * The sessions of one leg: one for several threads, and one for the calling thread alone, beside
 * other batches. Closed when neither the cache nor a run uses them any more. Thread-safe.
 */
final class CompiledLeg {
  private final OnnxSession wide;
  private final OnnxSession narrow;
  private final long sizeBytes;
  private final RefCount users;

  /**
   * Takes over the sessions, which may be the same; its first user is the caller.
   *
   * @param sizeBytes what they are taken to hold of native memory
   */
  CompiledLeg(OnnxSession wide, OnnxSession narrow, long sizeBytes) {
    this.wide = requireNonNull(wide, "wide");
    this.narrow = requireNonNull(narrow, "narrow");
    this.sizeBytes = sizeBytes;
    this.users = new RefCount(this::close);
  }

  /** The one that suits a batch. */
  OnnxSession session(boolean forSeveralThreads) {
    return forSeveralThreads ? wide : narrow;
  }

  long sizeBytes() {
    return sizeBytes;
  }

  boolean tryRetain() {
    return users.tryRetain();
  }

  void release() {
    users.release();
  }

  private void close() {
    wide.close();
    narrow.close();
  }
}
