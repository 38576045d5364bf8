package io.sluice.backbone.runtime;

/**
 * Who makes {@link DeviceMemory}: found by {@link java.util.ServiceLoader}, since what it takes is
 * not in every JDK this runs on.
 */
public interface DeviceMemoryProvider {
  /**
   * Opens the memory of a device on which sessions have been opened already.
   *
   * @param runtime counts the tensors that are made
   * @return owned by the caller
   * @throws io.sluice.backbone.SluiceException FAILED_PRECONDITION saying what is missing
   */
  DeviceMemory open(OnnxRuntime runtime, Device device);
}
