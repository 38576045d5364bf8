package io.sluice.cli.command.option;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.Device;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.terminal.Screen;
import picocli.CommandLine.Option;

/** The options that say what is computed on. */
public final class DeviceOption {
  private static final String AUTO = "auto";

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "cpu",
      description = "cpu, cuda, cuda:N, or auto: a GPU if one starts. Default: ${DEFAULT-VALUE}.")
  private String device = "cpu";

  @Option(
      names = "--float32",
      description = "On a GPU, matrix products in full precision, not in TF32.")
  private boolean float32;

  /**
   * The runtime on the device asked for.
   *
   * @throws SluiceException FAILED_PRECONDITION when it does not start and was asked for by name
   */
  public OnnxRuntime of(OnnxRuntime runtime, Screen screen) {
    if (!device.equals(AUTO)) {
      return runtime.on(precise(Device.parse(device)));
    }
    try {
      OnnxRuntime gpu = runtime.on(precise(Device.cuda(0)));
      screen.note("device: %s", gpu.settings().device());
      return gpu;
    } catch (SluiceException e) {
      if (e.code() != ErrorCode.FAILED_PRECONDITION) {
        throw e;
      }
      screen.note("device: cpu; %s", String.valueOf(e.getMessage()));
      return runtime;
    }
  }

  /**
   * The same for a server: with tensors on the device, where this JVM can have them.
   *
   * @throws SluiceException FAILED_PRECONDITION as in {@link #of}
   */
  public OnnxRuntime serving(OnnxRuntime runtime, Screen screen) {
    OnnxRuntime on = of(runtime, screen);
    if (!on.settings().device().isCuda()) {
      return on;
    }
    String missing = OnnxRuntime.whyNoDeviceMemory();
    if (missing != null) {
      screen.note("device: every batch goes through host memory, which is slower: %s", missing);
      return on;
    }
    return on.onDeviceMemory();
  }

  private Device precise(Device asked) {
    return float32 ? asked.fullPrecision() : asked;
  }
}
