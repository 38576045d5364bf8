package io.sluice.backbone.runtime;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** Finds who makes device memory in this JVM. */
final class DeviceMemories {
  /** The first JDK with a final java.lang.foreign. */
  private static final int FEATURE = 22;

  private DeviceMemories() {}

  /** Why there is none in this JVM; null if there is. */
  static @Nullable String missing() {
    int feature = Runtime.version().feature();
    if (feature < FEATURE) {
      return "JDK " + feature + " (expected: JDK 22 or newer)";
    }
    return providers().hasNext()
        ? null
        : "no sluice-cuda on the class path (expected: a build made with JDK 22 or newer)";
  }

  /**
   * The memory of {@code device}.
   *
   * @throws SluiceException FAILED_PRECONDITION saying what is missing
   */
  static DeviceMemory open(OnnxRuntime runtime, Device device) {
    String missing = missing();
    if (missing != null) {
      throw new SluiceException(ErrorCode.FAILED_PRECONDITION, "device tensors: " + missing);
    }
    return providers().next().open(runtime, device);
  }

  /**
   * The operators of {@code device}.
   *
   * @throws SluiceException FAILED_PRECONDITION saying what is missing
   */
  static DeviceOperators operators(Device.Cuda device) {
    String missing = missing();
    if (missing != null) {
      throw new SluiceException(ErrorCode.FAILED_PRECONDITION, "device operators: " + missing);
    }
    return providers().next().operators(device);
  }

  /** Host memory for what goes to a device and comes from it, zeroed or not. */
  static ByteBuffer transferBuffer(Device device, long sizeBytes) {
    return device instanceof Device.Cuda cuda && missing() == null
        ? providers().next().transferBuffer(cuda, sizeBytes)
        : DirectBuffers.bytes(sizeBytes);
  }

  private static Iterator<DeviceMemoryProvider> providers() {
    return ServiceLoader.load(DeviceMemoryProvider.class).iterator();
  }
}
