package io.sluice.backbone.runtime;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Runtime's CUDA provider: how a session gets it, and what is amiss where it does not start.
 */
final class CudaProvider {
  private static final Pattern LIBRARY = Pattern.compile("lib[\\w+-]+\\.so(?:\\.\\d+)*");
  private static final float PROBED = 3;

  private CudaProvider() {}

  /**
   * Adds the provider to a session's options.
   *
   * @param stream where it computes; 0 for a stream of its own
   * @throws SluiceException FAILED_PRECONDITION when the provider cannot be loaded
   */
  static void add(OrtSession.SessionOptions options, Device.Cuda device, long stream) {
    try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(device.ordinal())) {
      cuda.add("use_tf32", device.tf32() ? "1" : "0");
      // Shapes differ from batch to batch. Regions of doubling size can be cut up anew for each;
      // regions of the size first asked for are too small for the next longer batch, and stay.
      cuda.add("arena_extend_strategy", "kNextPowerOfTwo");
      if (stream != 0) {
        cuda.add("has_user_compute_stream", "1");
        cuda.add("user_compute_stream", Long.toString(stream));
      }
      options.addCUDA(cuda);
    } catch (OrtException e) {
      throw refused(device, e.getMessage(), e);
    }
  }

  /**
   * Computes 1 + 2 there.
   *
   * @throws SluiceException FAILED_PRECONDITION saying what is missing
   */
  static void require(OnnxRuntime runtime, Device.Cuda device) {
    SessionSettings settings = SessionSettings.defaults().on(device);
    try (OnnxSession session = runtime.open(sum(), settings);
        HostTensor x = HostTensor.of(runtime, TensorData.floats(new float[] {1}, 1));
        Results results = session.run(Map.of("x", x), List.of("y"))) {
      float[] y = results.get("y").toFloats();
      if (y[0] != PROBED) {
        throw refused(device, "1 + 2 gave " + y[0], null);
      }
    } catch (SluiceException e) {
      throw e.code() == ErrorCode.FAILED_PRECONDITION || e.code() == ErrorCode.UNAVAILABLE
          ? e
          : refused(device, e.getMessage(), e);
    }
  }

  private static Graph sum() {
    GraphBuilder graph = new GraphBuilder("probe", Map.of("", 17L));
    String x = graph.input("x", DataType.FLOAT, 1L);
    String two = graph.initializer("two", TensorData.floats(new float[] {2}, 1));
    String y = graph.node("Add", x, two);
    graph.outputAs(y, Value.of("y", DataType.FLOAT, 1L));
    return graph.build();
  }

  private static SluiceException refused(
      Device device, @Nullable String why, @Nullable Exception cause) {
    String said = why == null ? "no reason given" : why.strip();
    String text = "device: " + device.word() + " does not start: " + remedy(said) + ": " + said;
    return cause == null
        ? new SluiceException(ErrorCode.FAILED_PRECONDITION, text)
        : new SluiceException(ErrorCode.FAILED_PRECONDITION, text, cause);
  }

  /** What to do about a message of ONNX Runtime or CUDA. */
  static String remedy(String said) {
    if (said.contains("not compiled with CUDA")
        || said.contains("Failed to find CUDA")
        || said.contains("CUDA execution provider is not enabled")) {
      return "this ONNX Runtime has no CUDA provider (expected: a build with -Pcuda, or the"
          + " libraries of deploy/gpu)";
    }
    if (said.contains("cannot open shared object file")) {
      Matcher library = LIBRARY.matcher(said.substring(0, said.indexOf("cannot open")));
      String missing = "a library";
      while (library.find()) {
        missing = library.group();
      }
      return missing + " is not found (expected: its folder in LD_LIBRARY_PATH)";
    }
    if (said.contains("driver version is insufficient") || said.contains("CUDA failure 35")) {
      return "the NVIDIA driver is too old for this CUDA, or there is none (expected: a newer"
          + " driver)";
    }
    if (said.contains("no CUDA-capable device") || said.contains("CUDA failure 100")) {
      return "there is no NVIDIA GPU, or the process may not see it (expected: one in nvidia-smi,"
          + " CUDA_VISIBLE_DEVICES not empty)";
    }
    if (said.contains("invalid device ordinal") || said.contains("CUDA failure 101")) {
      return "there is no GPU of that number (expected: one that nvidia-smi lists)";
    }
    if (said.contains("no kernel image")) {
      return "the CUDA provider has no code for this GPU (expected: libraries built for it)";
    }
    if (said.contains("out of memory") || said.contains("CUDA failure 2:")) {
      return "the GPU has no memory left (expected: less on it, see nvidia-smi)";
    }
    return "CUDA failed (expected: an NVIDIA GPU with driver, CUDA and cuDNN; see sluice doctor)";
  }
}
