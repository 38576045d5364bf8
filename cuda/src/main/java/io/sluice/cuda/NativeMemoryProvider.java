package io.sluice.cuda;

import io.sluice.backbone.runtime.Device;
import io.sluice.backbone.runtime.DeviceMemory;
import io.sluice.backbone.runtime.DeviceMemoryProvider;
import io.sluice.backbone.runtime.DeviceOperators;
import io.sluice.backbone.runtime.OnnxRuntime;
import java.nio.ByteBuffer;

/** The memory and operators of NVIDIA GPUs, and the processor's memory beside the Java heap. */
public final class NativeMemoryProvider implements DeviceMemoryProvider {
  @Override
  public DeviceMemory open(OnnxRuntime runtime, Device device) {
    Hardware hardware =
        device instanceof Device.Cuda cuda ? CudaHardware.open(cuda) : new HostHardware();
    return new NativeMemory(runtime, new OrtTensors(hardware.name(), hardware.number()), hardware);
  }

  @Override
  public DeviceOperators operators(Device.Cuda device) {
    return new OrtOperators("CUDAExecutionProvider", CudaKernels.open(device));
  }

  @Override
  public ByteBuffer transferBuffer(Device.Cuda device, long sizeBytes) {
    return CudaHardware.transferBuffer(device, sizeBytes);
  }
}
