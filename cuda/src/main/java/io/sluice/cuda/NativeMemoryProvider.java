package io.sluice.cuda;

import io.sluice.backbone.runtime.Device;
import io.sluice.backbone.runtime.DeviceMemory;
import io.sluice.backbone.runtime.DeviceMemoryProvider;
import io.sluice.backbone.runtime.OnnxRuntime;

/** The memory of NVIDIA GPUs, and that of the processor beside the Java heap. */
public final class NativeMemoryProvider implements DeviceMemoryProvider {
  @Override
  public DeviceMemory open(OnnxRuntime runtime, Device device) {
    Hardware hardware =
        device instanceof Device.Cuda cuda ? CudaHardware.open(cuda) : new HostHardware();
    return new NativeMemory(runtime, new OrtTensors(hardware.name(), hardware.number()), hardware);
  }
}
