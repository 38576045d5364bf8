package io.sluice.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.Device;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;

/**
 * The kernels of {@code operators.cu}, compiled by NVRTC for a GPU and started through the driver.
 */
@SuppressWarnings("restricted") // calls native code: that is what it is for
final class CudaKernels {
  private static final String SOURCE = "operators.cu";
  private static final int THREADS = 256;
  private static final int WARP = 32;

  /** Numbers of a thread where each is by itself, as in the source. */
  private static final int EACH = 4;

  private static final long MOST_WITH_BIAS = 1L << 32;

  private final Arena arena = Arena.global();
  private final SymbolLookup driver;
  private final MethodHandle launch;
  private final MemorySegment module;

  private CudaKernels(Device.Cuda device) {
    try {
      driver = SymbolLookup.libraryLookup("libcuda.so.1", arena);
    } catch (IllegalArgumentException e) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          "device operators: libcuda.so.1 is not found (expected: NVIDIA's driver)",
          e);
    }
    launch =
        function(
            "cuLaunchKernel",
            ADDRESS,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            ADDRESS,
            ADDRESS,
            ADDRESS);
    MemorySegment program = Nvrtc.compile(source(), CudaHardware.architecture(device), arena);
    try {
      MemorySegment out = arena.allocate(ADDRESS);
      MethodHandle load = function("cuModuleLoadData", ADDRESS, ADDRESS);
      check("cuModuleLoadData", (int) load.invokeExact(out, program));
      module = out.get(ADDRESS, 0);
    } catch (Throwable e) {
      throw Calls.failed("cuModuleLoadData", e);
    }
  }

  /**
   * The kernels on a device that ONNX Runtime has computed on already.
   *
   * @throws SluiceException FAILED_PRECONDITION when a library is not there
   */
  static List<Kernel> open(Device.Cuda device) {
    CudaKernels kernels = new CudaKernels(device);
    MemorySegment gelu = kernels.kernel("gelu_gradient");
    MemorySegment norm = kernels.kernel("layer_norm_gradient");
    MemorySegment softmax = kernels.kernel("softmax_gradient");
    return List.of(
        new Kernel(
            "GeluGradient",
            2,
            (in, shape, out, stream) -> {
              long count = OrtKernelCalls.elements(shape);
              kernels.start(gelu, parts(count, EACH * THREADS), stream, in, out, count);
            }),
        new Kernel("BiasGeluGradient", 3, kernels.biased(kernels.kernel("bias_gelu_gradient"))),
        new Kernel("AddBias", 3, kernels.biased(kernels.kernel("add_bias"))),
        new Kernel(
            "LayerNormGradient",
            5,
            (in, shape, out, stream) -> {
              int columns = Math.toIntExact(shape[shape.length - 1]);
              long rows = OrtKernelCalls.elements(shape) / columns;
              kernels.start(norm, rows, stream, in, out, columns);
            }),
        new Kernel(
            "SoftmaxGradient",
            2,
            (in, shape, out, stream) -> {
              int columns = Math.toIntExact(shape[shape.length - 1]);
              long rows = OrtKernelCalls.elements(shape) / columns;
              kernels.start(softmax, parts(rows, THREADS / WARP), stream, in, out, rows, columns);
            }));
  }

  /** Each number by itself, with a bias of the last axis. */
  private Kernel.Launch biased(MemorySegment kernel) {
    return (in, shape, out, stream) -> {
      long count = OrtKernelCalls.elements(shape);
      if (count >= MOST_WITH_BIAS) {
        throw new IllegalArgumentException(
            "count: " + count + " (expected: less than " + MOST_WITH_BIAS + ")");
      }
      int columns = Math.toIntExact(shape[shape.length - 1]);
      start(kernel, parts(count, EACH * THREADS), stream, in, out, count, columns);
    };
  }

  private static long parts(long count, int size) {
    return (count + size - 1) / size;
  }

  private MemorySegment kernel(String name) {
    try {
      MemorySegment out = arena.allocate(ADDRESS);
      MethodHandle get = function("cuModuleGetFunction", ADDRESS, ADDRESS, ADDRESS);
      MemorySegment called = arena.allocateFrom(name);
      check("cuModuleGetFunction", (int) get.invokeExact(out, module, called));
      return out.get(ADDRESS, 0);
    } catch (Throwable e) {
      throw Calls.failed("cuModuleGetFunction", e);
    }
  }

  /** Starts blocks of threads; the arguments are the tensors, then the numbers. */
  private void start(
      MemorySegment kernel,
      long blocks,
      MemorySegment stream,
      List<MemorySegment> inputs,
      MemorySegment output,
      Number... numbers)
      throws Throwable {
    try (Arena call = Arena.ofConfined()) {
      int count = inputs.size() + 1 + numbers.length;
      MemorySegment values = call.allocate(ValueLayout.JAVA_LONG, count);
      MemorySegment places = call.allocate(ADDRESS, count);
      for (int i = 0; i < count; i++) {
        // Little-endian: an int lies where a long with its value begins.
        long value =
            i < inputs.size()
                ? inputs.get(i).address()
                : i == inputs.size()
                    ? output.address()
                    : numbers[i - inputs.size() - 1].longValue();
        values.setAtIndex(ValueLayout.JAVA_LONG, i, value);
        places.setAtIndex(ADDRESS, i, values.asSlice(i * ValueLayout.JAVA_LONG.byteSize()));
      }
      check(
          "cuLaunchKernel",
          (int)
              launch.invokeExact(
                  kernel,
                  Math.toIntExact(blocks),
                  1,
                  1,
                  THREADS,
                  1,
                  1,
                  0,
                  stream,
                  places,
                  MemorySegment.NULL));
    }
  }

  private MethodHandle function(String name, MemoryLayout... arguments) {
    return Linker.nativeLinker()
        .downcallHandle(
            driver.find(name).orElseThrow(), FunctionDescriptor.of(JAVA_INT, arguments));
  }

  private static void check(String call, int status) {
    if (status != 0) {
      throw new SluiceException(
          ErrorCode.INTERNAL, call + ": CUDA driver failure " + status + " (expected: 0)");
    }
  }

  private static String source() {
    try (InputStream in = requireNonNull(CudaKernels.class.getResourceAsStream(SOURCE), SOURCE)) {
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
