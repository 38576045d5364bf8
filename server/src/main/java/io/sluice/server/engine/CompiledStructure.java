package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.runtime.OnnxSession;

/**
 * The session of one structure, closed when neither the cache nor a run uses it any more.
 * Thread-safe.
 */
final class CompiledStructure {
  private final OnnxSession session;
  private final long sizeBytes;
  private final RefCount users;

  /**
   * Takes over {@code session}; its first user is the caller.
   *
   * @param sizeBytes what it is taken to hold of native memory
   */
  CompiledStructure(OnnxSession session, long sizeBytes) {
    this.session = requireNonNull(session, "session");
    this.sizeBytes = sizeBytes;
    this.users = new RefCount(session::close);
  }

  OnnxSession session() {
    return session;
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
}
