package io.sluice.backbone.runtime;

import java.nio.ByteBuffer;

/**
 * Who makes {@link DeviceMemory} and {@link DeviceOperators}: found by {@link
 * java.util.ServiceLoader}, since what it takes is not in every JDK this runs on.
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

  /**
   * Operators for a device on which sessions have been opened already; they last as long as the
   * process.
   *
   * @throws io.sluice.backbone.SluiceException FAILED_PRECONDITION saying what is missing
   */
  DeviceOperators operators(Device.Cuda device);

  /** Host memory from and to which a device copies by itself; freed when unreachable. */
  ByteBuffer transferBuffer(Device.Cuda device, long sizeBytes);
}
