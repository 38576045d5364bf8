package io.sluice.backbone.runtime;

/**
 * The memory of a device and the one stream on which all happens that is asked of it. Thread-safe.
 */
public interface DeviceMemory extends TensorMemory, AutoCloseable {
  /** The native handle of the stream on which sessions are to compute; 0 for none. */
  long stream();

  /** Bytes of the device that nobody holds, this process or another. */
  long freeBytes();

  /** Bytes of the device. */
  long totalBytes();

  /** Frees the stream; regions must be closed before. */
  @Override
  void close();
}
