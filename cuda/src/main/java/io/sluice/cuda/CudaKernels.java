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
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

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

  /** Rows that a block sums up. */
  private static final int SUMMED = 128;

  /** Pieces that are copied at once, as in the source, and the bytes of their table. */
  private static final int PIECES = 128;

  private static final long TABLE = Long.BYTES * (2L * PIECES + 1);

  private static final long MOST_WITH_BIAS = 1L << 32;

  private static final Map<Integer, CudaKernels> OPEN = new ConcurrentHashMap<>();

  private final Scratch scratch = new Scratch(2 * TABLE);
  private final Arena arena = Arena.global();
  private final SymbolLookup driver;
  private final MethodHandle launch;
  private final MemorySegment module;
  private final MemorySegment joinPieces;

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
    joinPieces = kernel("join_pieces");
    OPEN.put(device.ordinal(), this);
  }

  /** Those of a device that have been opened; null for none. */
  static @Nullable CudaKernels ifOpen(int ordinal) {
    return OPEN.get(ordinal);
  }

  /**
   * The kernels on a device that ONNX Runtime has computed on already.
   *
   * @throws SluiceException FAILED_PRECONDITION when a library is not there
   */
  static List<Kernel> open(Device.Cuda device) {
    CudaKernels kernels = new CudaKernels(device);
    MemorySegment gelu = kernels.kernel("gelu_gradient");
    MemorySegment gradient = kernels.kernel("layer_norm_gradient");
    MemorySegment norm = kernels.kernel("add_bias_layer_norm");
    MemorySegment shares = kernels.kernel("masked_softmax");
    MemorySegment softmax = kernels.kernel("softmax_gradient");
    MemorySegment sum = kernels.kernel("column_sum");
    MemorySegment split = kernels.kernel("split_heads");
    MemorySegment join = kernels.kernel("join_heads");
    return List.of(
        new Kernel(
            "GeluGradient",
            2,
            (in, shapes, out, stream) -> {
              long count = OrtKernelCalls.elements(shapes.get(0));
              kernels.start(gelu, parts(count, EACH * THREADS), stream, in, out, count);
            }),
        new Kernel("BiasGeluGradient", 3, kernels.biased(kernels.kernel("bias_gelu_gradient"))),
        new Kernel("AddBias", 3, kernels.biased(kernels.kernel("add_bias"))),
        new Kernel("AddBiasLayerNorm", 6, 4, 1, Kernel.NORM, kernels.byRows(norm)),
        new Kernel("LayerNormGradient", 5, kernels.byRows(gradient)),
        new Kernel(
            "MaskedSoftmax",
            2,
            (in, shapes, out, stream) -> {
              long rows = rows(shapes);
              long same = rows / shapes.get(0)[0];
              long blocks = parts(rows, THREADS / WARP);
              kernels.start(shares, blocks, stream, in, out, rows, same, columns(shapes));
            }),
        new Kernel("SoftmaxGradient", 2, kernels.byRows(softmax)),
        new Kernel("ColumnSum", 1, 1, 1, Kernel.LAST_AXIS, kernels.summed(sum)),
        Kernel.splitPieces(kernels.pieces(kernels.kernel("split_pieces"), true)),
        Kernel.joinPieces(kernels.pieces(kernels.joinPieces, false)),
        new Kernel(
            "SplitHeads",
            2,
            3,
            2,
            Kernel.HEADS,
            (in, shapes, out, stream) -> {
              long[] bias = shapes.get(1);
              kernels.heads(
                  split, stream, in, out, shapes.get(0)[0], shapes.get(0)[1], bias[1], bias[2]);
            }),
        new Kernel(
            "JoinHeads",
            3,
            1,
            1,
            Kernel.SIDE_BY_SIDE,
            (in, shapes, out, stream) -> {
              long[] of = shapes.get(0);
              kernels.heads(join, stream, in, out, of[0], of[2], of[1], of[3]);
            }));
  }

  /** A warp for each row. */
  private Kernel.Launch byRows(MemorySegment kernel) {
    return (in, shapes, out, stream) -> {
      long rows = rows(shapes);
      start(kernel, parts(rows, THREADS / WARP), stream, in, out, rows, columns(shapes));
    };
  }

  /** Each number by itself, with a bias of the last axis. */
  private Kernel.Launch biased(MemorySegment kernel) {
    return (in, shapes, out, stream) -> {
      long count = OrtKernelCalls.elements(shapes.get(0));
      if (count >= MOST_WITH_BIAS) {
        throw new IllegalArgumentException(
            "count: " + count + " (expected: less than " + MOST_WITH_BIAS + ")");
      }
      start(kernel, parts(count, EACH * THREADS), stream, in, out, count, columns(shapes));
    };
  }

  /** Blocks that add to zeros what they sum up. */
  private Kernel.Launch summed(MemorySegment kernel) {
    MethodHandle clear =
        function("cuMemsetD32Async", ADDRESS, JAVA_INT, ValueLayout.JAVA_LONG, ADDRESS);
    return (in, shapes, out, stream) -> {
      long rows = rows(shapes);
      int columns = columns(shapes);
      check("cuMemsetD32Async", (int) clear.invokeExact(out.get(0), 0, (long) columns, stream));
      start(
          kernel,
          parts(columns, WARP),
          parts(rows, SUMMED),
          stream,
          in,
          out,
          rows,
          columns,
          SUMMED);
    };
  }

  /** Taken apart, or put together. */
  private Kernel.Launch pieces(MemorySegment kernel, boolean apart) {
    return (in, shapes, out, stream) -> {
      List<MemorySegment> pieces = apart ? out : in;
      long[] sizes =
          (apart ? Kernel.pieces(shapes, in) : shapes)
              .stream().mapToLong(OrtKernelCalls::elements).toArray();
      pieces(kernel, apart ? in.get(0) : out.get(0), pieces, sizes, stream);
    };
  }

  /** Puts pieces of whole floats one after the other, zeros for those at no address. */
  void join(MemorySegment to, List<MemorySegment> from, MemorySegment stream) {
    long[] sizes = from.stream().mapToLong(part -> part.byteSize() / Float.BYTES).toArray();
    try {
      pieces(joinPieces, to, from, sizes, stream);
    } catch (Throwable e) {
      throw Calls.failed("cuLaunchKernel", e);
    }
  }

  /** Blocks for the parts of so many pieces at once, where they begin being an argument too. */
  private void pieces(
      MemorySegment kernel,
      MemorySegment flat,
      List<MemorySegment> pieces,
      long[] sizes,
      MemorySegment stream)
      throws Throwable {
    long start = 0;
    for (int from = 0; from < pieces.size(); from += PIECES) {
      int count = Math.min(PIECES, pieces.size() - from);
      SegmentAllocator room = scratch.begin();
      MemorySegment table = room.allocate(TABLE, Long.BYTES);
      long longest = 0;
      for (int i = 0; i < count; i++) {
        table.setAtIndex(ValueLayout.JAVA_LONG, i, pieces.get(from + i).address());
        table.setAtIndex(ValueLayout.JAVA_LONG, PIECES + i, start);
        start += sizes[from + i];
        longest = Math.max(longest, sizes[from + i]);
      }
      table.setAtIndex(ValueLayout.JAVA_LONG, PIECES + count, start);
      MemorySegment where = room.allocateFrom(ADDRESS, flat);
      MemorySegment places = room.allocate(ADDRESS, 2);
      places.setAtIndex(ADDRESS, 0, where);
      places.setAtIndex(ADDRESS, 1, table);
      start(kernel, Math.max(1, parts(longest, EACH * THREADS)), count, stream, places);
    }
  }

  /** A block for 32 tokens of 64 numbers of a head. */
  private void heads(
      MemorySegment kernel,
      MemorySegment stream,
      List<MemorySegment> in,
      List<MemorySegment> out,
      long batch,
      long tokens,
      long heads,
      long size)
      throws Throwable {
    long blocks = batch * 3 * heads * parts(tokens, WARP) * parts(size, 2 * WARP);
    start(kernel, blocks, stream, in, out, tokens, heads, size);
  }

  private static int columns(List<long[]> shapes) {
    long[] shape = shapes.get(0);
    return Math.toIntExact(shape[shape.length - 1]);
  }

  private static long rows(List<long[]> shapes) {
    return OrtKernelCalls.elements(shapes.get(0)) / columns(shapes);
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

  private void start(
      MemorySegment kernel,
      long blocks,
      MemorySegment stream,
      List<MemorySegment> inputs,
      List<MemorySegment> outputs,
      Number... numbers)
      throws Throwable {
    start(kernel, blocks, 1, stream, inputs, outputs, numbers);
  }

  /** Starts blocks of threads; the arguments are the tensors, then the numbers. */
  private void start(
      MemorySegment kernel,
      long across,
      long down,
      MemorySegment stream,
      List<MemorySegment> inputs,
      List<MemorySegment> outputs,
      Number... numbers)
      throws Throwable {
    SegmentAllocator room = scratch.begin();
    int tensors = inputs.size() + outputs.size();
    int count = tensors + numbers.length;
    MemorySegment values = room.allocate(ValueLayout.JAVA_LONG, count);
    MemorySegment places = room.allocate(ADDRESS, count);
    for (int i = 0; i < count; i++) {
      // Little-endian: an int lies where a long with its value begins.
      long value =
          i < inputs.size()
              ? inputs.get(i).address()
              : i < tensors
                  ? outputs.get(i - inputs.size()).address()
                  : numbers[i - tensors].longValue();
      values.setAtIndex(ValueLayout.JAVA_LONG, i, value);
      places.setAtIndex(ADDRESS, i, values.asSlice(i * ValueLayout.JAVA_LONG.byteSize()));
    }
    start(kernel, across, down, stream, places);
  }

  /** The same with arguments that lie at those places. */
  private void start(
      MemorySegment kernel, long across, long down, MemorySegment stream, MemorySegment places)
      throws Throwable {
    check(
        "cuLaunchKernel",
        (int)
            launch.invokeExact(
                kernel,
                Math.toIntExact(across),
                Math.toIntExact(down),
                1,
                THREADS,
                1,
                1,
                0,
                stream,
                places,
                MemorySegment.NULL));
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
