package io.sluice.cli.command.bench;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.Device;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.terminal.Screen;
import io.sluice.loadtest.report.BenchReport;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.bundle.BundleReader;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.TaskKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What all benchmarks of a server in a process of its own can be told. */
final class BenchOptions {
  private static final int MILLIS = 1000;

  @Mixin private BenchBackbone backbone = new BenchBackbone();
  @Mixin private BenchOutput output = new BenchOutput();

  @Option(
      names = "--backbone-precision",
      paramLabel = "FORMAT",
      defaultValue = "FP32",
      description =
          "Format the server computes with: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Precision precision = Precision.FP32;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "cpu",
      description = "What the server computes on: cpu, cuda, cuda:N. Default: ${DEFAULT-VALUE}.")
  private String device = "cpu";

  @Option(
      names = "--tokens",
      defaultValue = "32",
      description = "Length of every text. Default: ${DEFAULT-VALUE}.")
  private int tokens;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Of texts, times and weights. Default: ${DEFAULT-VALUE}.")
  private long seed;

  long seed() {
    return seed;
  }

  int tokens() {
    return tokens;
  }

  Precision precision() {
    return precision;
  }

  Device device() {
    return Device.parse(device);
  }

  /** The device as an option of {@code serve}; nothing for the processor. */
  List<String> serveDevice() {
    Device asked = device();
    return asked.isCuda() ? List.of("--device", asked.word()) : List.of();
  }

  Backbone load(OnnxRuntime runtime) {
    return backbone.load(runtime);
  }

  /** Prints the report and writes it where it was asked for; the command's exit code. */
  int deliver(BenchReport report, Screen screen) {
    output.show(report, screen);
    return report.met() ? 0 : 1;
  }

  /**
   * Reads a bundle that one text can be put to.
   *
   * @throws SluiceException {@code INVALID_ARGUMENT} if it is none, and what reading it says
   */
  static AdapterBundle oneText(Path file, Backbone backbone) {
    AdapterBundle bundle = BundleReader.read(file, BundleLimits.defaults());
    bundle.requireBackbone(backbone);
    Manifest manifest = bundle.manifest();
    if (manifest.kind() != TaskKind.CLASSIFY || manifest.textFields().size() != 1) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "bundle: "
              + file
              + ": "
              + manifest.kind()
              + " of "
              + manifest.textFields()
              + " (expected: CLASSIFY, of one text)");
    }
    return bundle;
  }

  /** A time given in seconds with a fraction. */
  static Duration seconds(double seconds) {
    return Duration.ofMillis(Math.max(1, Math.round(seconds * MILLIS)));
  }
}
