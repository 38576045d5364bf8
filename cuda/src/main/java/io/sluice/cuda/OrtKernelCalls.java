package io.sluice.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/** What a custom operator asks of ONNX Runtime while it computes. Thread-safe. */
@SuppressWarnings("restricted") // calls native code: that is what it is for
final class OrtKernelCalls {
  /* Positions in struct OrtApi of onnxruntime_c_api.h. */
  private static final int CREATE_STATUS = 0;
  private static final int GET_TENSOR_MUTABLE_DATA = 51;
  private static final int GET_DIMENSIONS_COUNT = 61;
  private static final int GET_DIMENSIONS = 62;
  private static final int GET_TENSOR_TYPE_AND_SHAPE = 65;
  private static final int KERNEL_CONTEXT_GET_INPUT_COUNT = 88;
  private static final int KERNEL_CONTEXT_GET_INPUT = 90;
  private static final int KERNEL_CONTEXT_GET_OUTPUT = 91;
  private static final int RELEASE_TENSOR_TYPE_AND_SHAPE = 99;
  private static final int KERNEL_CONTEXT_GET_STREAM = 193;

  private static final int FAIL = 1;
  private static final int MOST_AXES = 8;

  private final Scratch scratch = new Scratch(Long.BYTES * (MOST_AXES + 2L));
  private final OrtApi api;
  private final boolean streamed;
  private final MethodHandle createStatus;
  private final MethodHandle data;
  private final MethodHandle dimensionsCount;
  private final MethodHandle dimensions;
  private final MethodHandle typeAndShape;
  private final MethodHandle inputCount;
  private final MethodHandle input;
  private final MethodHandle output;
  private final MethodHandle releaseTypeAndShape;
  private final MethodHandle stream;

  /**
   * @param streamed whether it is a device with a stream
   */
  OrtKernelCalls(OrtApi api, boolean streamed) {
    this.api = api;
    this.streamed = streamed;
    FunctionDescriptor two = FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS);
    FunctionDescriptor middleLong = FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
    FunctionDescriptor lastLong = FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
    createStatus = api.function(CREATE_STATUS, FunctionDescriptor.of(ADDRESS, JAVA_INT, ADDRESS));
    data = api.function(GET_TENSOR_MUTABLE_DATA, two);
    dimensionsCount = api.function(GET_DIMENSIONS_COUNT, two);
    dimensions = api.function(GET_DIMENSIONS, lastLong);
    typeAndShape = api.function(GET_TENSOR_TYPE_AND_SHAPE, two);
    inputCount = api.function(KERNEL_CONTEXT_GET_INPUT_COUNT, two);
    input = api.function(KERNEL_CONTEXT_GET_INPUT, middleLong);
    output =
        api.function(
            KERNEL_CONTEXT_GET_OUTPUT,
            FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS));
    releaseTypeAndShape =
        api.function(RELEASE_TENSOR_TYPE_AND_SHAPE, FunctionDescriptor.ofVoid(ADDRESS));
    stream = api.function(KERNEL_CONTEXT_GET_STREAM, two);
  }

  /**
   * Runs a kernel.
   *
   * @return a status of ONNX Runtime: null, or why it failed
   */
  MemorySegment compute(Kernel kernel, MemorySegment context) {
    try {
      SegmentAllocator room = scratch.begin();
      MemorySegment out = room.allocate(ADDRESS);
      MemorySegment sizes = room.allocate(JAVA_LONG, MOST_AXES);
      int count = kernel.inputs() == Kernel.ANY ? count(context, out) : kernel.inputs();
      List<MemorySegment> inputs = new ArrayList<>(count);
      List<long[]> shapes = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        api.check("GetInput", (MemorySegment) input.invokeExact(context, (long) i, out));
        MemorySegment value = out.get(ADDRESS, 0);
        if (i < kernel.shaped()) {
          shapes.add(shape(value, sizes, out));
        }
        inputs.add(dataOf(value, out));
      }
      List<MemorySegment> outputs = new ArrayList<>();
      for (long[] made : kernel.shapes().of(shapes, inputs)) {
        MemorySegment.copy(made, 0, sizes, JAVA_LONG, 0, made.length);
        long number = outputs.size();
        long rank = made.length;
        api.check(
            "GetOutput", (MemorySegment) output.invokeExact(context, number, sizes, rank, out));
        outputs.add(dataOf(out.get(ADDRESS, 0), out));
      }
      MemorySegment order = MemorySegment.NULL;
      if (streamed) {
        api.check("GetStream", (MemorySegment) stream.invokeExact(context, out));
        order = out.get(ADDRESS, 0);
      }
      if (elements(shapes.get(0)) > 0) {
        kernel.launch().on(inputs, shapes, outputs, order);
      }
      return MemorySegment.NULL;
    } catch (Throwable e) { // An exception that gets into native code ends the process.
      return failed(kernel, e);
    }
  }

  /** How many numbers a tensor of that shape has. */
  static long elements(long[] shape) {
    long elements = 1;
    for (long size : shape) {
      elements = Math.multiplyExact(elements, size);
    }
    return elements;
  }

  private int count(MemorySegment context, MemorySegment out) throws Throwable {
    api.check("GetInputCount", (MemorySegment) inputCount.invokeExact(context, out));
    return Math.toIntExact(out.get(JAVA_LONG, 0));
  }

  private MemorySegment dataOf(MemorySegment value, MemorySegment out) throws Throwable {
    api.check("GetTensorMutableData", (MemorySegment) data.invokeExact(value, out));
    return out.get(ADDRESS, 0);
  }

  private long[] shape(MemorySegment value, MemorySegment sizes, MemorySegment out)
      throws Throwable {
    api.check("GetTensorTypeAndShape", (MemorySegment) typeAndShape.invokeExact(value, out));
    MemorySegment info = out.get(ADDRESS, 0);
    try {
      api.check("GetDimensionsCount", (MemorySegment) dimensionsCount.invokeExact(info, out));
      long rank = out.get(JAVA_LONG, 0);
      if (rank > MOST_AXES) {
        throw new IllegalArgumentException(
            "rank: " + rank + " (expected: at most " + MOST_AXES + ")");
      }
      api.check("GetDimensions", (MemorySegment) dimensions.invokeExact(info, sizes, rank));
      return sizes.asSlice(0, rank * JAVA_LONG.byteSize()).toArray(JAVA_LONG);
    } finally {
      releaseTypeAndShape.invokeExact(info);
    }
  }

  private MemorySegment failed(Kernel kernel, Throwable cause) {
    try (Arena arena = Arena.ofConfined()) {
      return (MemorySegment)
          createStatus.invokeExact(FAIL, arena.allocateFrom(kernel.name() + ": " + cause));
    } catch (Throwable e) {
      throw new AssertionError("CreateStatus", e);
    }
  }
}
