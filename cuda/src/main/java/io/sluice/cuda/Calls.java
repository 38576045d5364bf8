package io.sluice.cuda;

/** What becomes of a native call that throws: nothing that is declared. */
final class Calls {
  private Calls() {}

  static RuntimeException failed(String call, Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException known
        ? known
        : new IllegalStateException(call + ": failed (expected: to be callable)", cause);
  }
}
