package io.sluice.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.TensorInfo;
import io.sluice.backbone.graph.DataType;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Constructor;

/**
 * ONNX Runtime's tensors over memory that is given: made by the C API, handed to Java by
 * reflection. Thread-safe.
 */
@SuppressWarnings("restricted") // calls native code: that is what it is for
final class OrtTensors {
  /* Positions in struct OrtApi of onnxruntime_c_api.h; the struct only ever grows at its end. */
  private static final int CREATE_TENSOR_WITH_DATA = 49;
  private static final int CREATE_MEMORY_INFO = 68;

  private static final int DEVICE_ALLOCATOR = 0;
  private static final int DEFAULT_MEMORY = 0;

  private final OrtApi api = new OrtApi();
  private final MethodHandle createTensor;
  private final MemorySegment memoryInfo;
  private final Constructor<OnnxTensor> newTensor;
  private final Constructor<TensorInfo> newInfo;

  /**
   * @param memoryName what ONNX Runtime calls the memory
   * @param number of the device
   */
  OrtTensors(String memoryName, int number) {
    try {
      newTensor = OnnxTensor.class.getDeclaredConstructor(long.class, long.class, TensorInfo.class);
      newTensor.setAccessible(true);
      newInfo =
          TensorInfo.class.getDeclaredConstructor(
              long[].class, OnnxJavaType.class, TensorInfo.OnnxTensorType.class);
      newInfo.setAccessible(true);
    } catch (ReflectiveOperationException e) {
      throw OrtApi.others(e);
    }
    createTensor =
        api.function(
            CREATE_TENSOR_WITH_DATA,
            FunctionDescriptor.of(
                ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS));
    MethodHandle createInfo =
        api.function(
            CREATE_MEMORY_INFO,
            FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      api.check(
          "CreateMemoryInfo",
          (MemorySegment)
              createInfo.invokeExact(
                  arena.allocateFrom(memoryName), DEVICE_ALLOCATOR, number, DEFAULT_MEMORY, out));
      memoryInfo = out.get(ADDRESS, 0);
    } catch (Throwable e) {
      throw Calls.failed("CreateMemoryInfo", e);
    }
  }

  /** A tensor over {@code memory}, which it fills. */
  OnnxTensor over(MemorySegment memory, DataType type, long[] shape) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      MemorySegment sizes = arena.allocateFrom(JAVA_LONG, shape);
      api.check(
          "CreateTensorWithDataAsOrtValue",
          (MemorySegment)
              createTensor.invokeExact(
                  memoryInfo,
                  memory,
                  memory.byteSize(),
                  sizes,
                  (long) shape.length,
                  type.onnxCode(),
                  out));
      TensorInfo.OnnxTensorType onnxType =
          TensorInfo.OnnxTensorType.valueOf("ONNX_TENSOR_ELEMENT_DATA_TYPE_" + type.name());
      TensorInfo info =
          newInfo.newInstance(
              shape.clone(), OnnxJavaType.mapFromOnnxTensorType(onnxType), onnxType);
      return newTensor.newInstance(out.get(ADDRESS, 0).address(), 0L, info);
    } catch (Throwable e) {
      throw Calls.failed("CreateTensorWithDataAsOrtValue", e);
    }
  }
}
