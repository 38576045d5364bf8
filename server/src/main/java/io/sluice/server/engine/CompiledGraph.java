package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.runtime.OnnxSession;

/**
 * What a cache holds of one graph: a session for several threads, and one for the calling thread
 * alone, beside other batches; or one for both. Closed when neither the cache nor a run uses them
 * any more. Thread-safe.
 */
final class CompiledGraph {
  private final OnnxSession wide;
  private final OnnxSession narrow;
  private final long sizeBytes;
  private final RefCount users;

  /** Takes over the one session for any batch; else as the other. */
  CompiledGraph(OnnxSession session, long sizeBytes) {
    this(session, session, sizeBytes);
  }

  /**
   * Takes over the sessions; the first user is the caller.
   *
   * @param sizeBytes what they are taken to hold of native memory
   */
  CompiledGraph(OnnxSession wide, OnnxSession narrow, long sizeBytes) {
    this.wide = requireNonNull(wide, "wide");
    this.narrow = requireNonNull(narrow, "narrow");
    this.sizeBytes = sizeBytes;
    this.users = new RefCount(this::close);
  }

  /** The one that suits a batch. */
  OnnxSession session(boolean forSeveralThreads) {
    return forSeveralThreads ? wide : narrow;
  }

  /** The only one, or that for the calling thread alone. */
  OnnxSession session() {
    return narrow;
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
