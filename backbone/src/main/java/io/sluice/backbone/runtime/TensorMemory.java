package io.sluice.backbone.runtime;

/**
 * Where tensors lie that sessions of a runtime read and write without a copy: see {@link
 * OnnxRuntime#memory()}. Thread-safe.
 *
 * <p>On a device all that is asked for, copies and runs, happens in the order it was asked for, and
 * mostly after the call that asked. {@link #await} waits for it; reading does so too.
 */
public interface TensorMemory {
  /**
   * Fresh memory of any content, aligned for every type of element.
   *
   * @return owned by the caller
   */
  TensorRegion allocate(long sizeBytes);

  /** Whether it is memory of this process: then nothing is ever under way. */
  boolean isHost();

  /** Waits until all that was asked for has happened. */
  void await();

  /** The boundary, in bytes, on which parts of a region should begin. */
  default int alignment() {
    return 64;
  }
}
