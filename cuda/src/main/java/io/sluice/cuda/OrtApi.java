package io.sluice.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Field;

/** The C API of the ONNX Runtime of this process. Thread-safe. */
@SuppressWarnings("restricted") // calls native code: that is what it is for
final class OrtApi {
  /* Positions in struct OrtApi of onnxruntime_c_api.h; the struct only ever grows at its end. */
  private static final int GET_ERROR_MESSAGE = 2;
  private static final int RELEASE_STATUS = 93;

  private final MemorySegment table;
  private final MethodHandle errorMessage;
  private final MethodHandle releaseStatus;

  OrtApi() {
    try {
      Field handle = Class.forName("ai.onnxruntime.OnnxRuntime").getDeclaredField("ortApiHandle");
      handle.setAccessible(true);
      table = MemorySegment.ofAddress(handle.getLong(null));
    } catch (ReflectiveOperationException e) {
      throw others(e);
    }
    errorMessage = function(GET_ERROR_MESSAGE, FunctionDescriptor.of(ADDRESS, ADDRESS));
    releaseStatus = function(RELEASE_STATUS, FunctionDescriptor.ofVoid(ADDRESS));
  }

  /** What is said when ONNX Runtime's classes have other insides. */
  static IllegalStateException others(ReflectiveOperationException cause) {
    return new IllegalStateException(
        "ONNX Runtime's Java classes: others (expected: those this was written against)", cause);
  }

  /** The function at a position of the table. */
  MethodHandle function(int position, FunctionDescriptor type) {
    MemorySegment known = table.reinterpret(ADDRESS.byteSize() * (position + 1));
    return Linker.nativeLinker().downcallHandle(known.getAtIndex(ADDRESS, position), type);
  }

  /** Throws what a status says, and frees it. */
  void check(String call, MemorySegment status) throws Throwable {
    if (status.address() == 0) {
      return;
    }
    try {
      MemorySegment text = (MemorySegment) errorMessage.invokeExact(status);
      throw new IllegalStateException(
          call
              + ": "
              + text.reinterpret(Long.MAX_VALUE).getString(0)
              + " (expected: no error of ONNX Runtime)");
    } finally {
      releaseStatus.invokeExact(status);
    }
  }
}
