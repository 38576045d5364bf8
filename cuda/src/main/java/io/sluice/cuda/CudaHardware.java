package io.sluice.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.Device;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One NVIDIA GPU and a stream on it, by the CUDA runtime that ONNX Runtime's provider has loaded.
 * Memory comes from the device's pool, in stream order: what is freed may be used again by what is
 * asked for later, and nobody waits.
 */
@SuppressWarnings("restricted") // calls native code: that is what it is for
final class CudaHardware implements Hardware {
  private static final int ALIGNMENT = 256;
  private static final int NON_BLOCKING = 1;
  private static final int RELEASE_THRESHOLD = 4;
  private static final long KEPT_BYTES = 256L << 20;
  private static final int OUT_OF_MEMORY = 2;
  private static final int TO_DEVICE = 1;
  private static final int TO_HOST = 2;
  private static final int WITHIN = 3;
  private static final Map<Integer, CudaHardware> SHARED = new ConcurrentHashMap<>();
  private static final int MAJOR = 75;
  private static final int MINOR = 76;

  private final Linker linker = Linker.nativeLinker();
  private final SymbolLookup library = CudaLibrary.find();
  private final MethodHandle setDevice = function("cudaSetDevice", JAVA_INT);
  private final MethodHandle allocate = function("cudaMallocAsync", ADDRESS, JAVA_LONG, ADDRESS);
  private final MethodHandle free = function("cudaFreeAsync", ADDRESS, ADDRESS);
  private final MethodHandle hostAllocate = function("cudaHostAlloc", ADDRESS, JAVA_LONG, JAVA_INT);
  private final MethodHandle hostFree = function("cudaFreeHost", ADDRESS);
  private final MethodHandle copy =
      function("cudaMemcpyAsync", ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS);
  private final MethodHandle set =
      function("cudaMemsetAsync", ADDRESS, JAVA_INT, JAVA_LONG, ADDRESS);
  private final MethodHandle synchronize = function("cudaStreamSynchronize", ADDRESS);
  private final MethodHandle memoryInfo = function("cudaMemGetInfo", ADDRESS, ADDRESS);
  private final MethodHandle message =
      linker.downcallHandle(
          library.find("cudaGetErrorString").orElseThrow(),
          FunctionDescriptor.of(ADDRESS, JAVA_INT));
  private final int number;
  private final MemorySegment stream;

  private CudaHardware(int number) {
    this.number = number;
    select();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      MethodHandle create = function("cudaStreamCreateWithFlags", ADDRESS, JAVA_INT);
      check("cudaStreamCreateWithFlags", (int) create.invokeExact(out, NON_BLOCKING));
      stream = out.get(ADDRESS, 0);
      MethodHandle pool = function("cudaDeviceGetDefaultMemPool", ADDRESS, JAVA_INT);
      check("cudaDeviceGetDefaultMemPool", (int) pool.invokeExact(out, number));
      MethodHandle attribute = function("cudaMemPoolSetAttribute", ADDRESS, JAVA_INT, ADDRESS);
      check(
          "cudaMemPoolSetAttribute",
          (int)
              attribute.invokeExact(
                  out.get(ADDRESS, 0),
                  RELEASE_THRESHOLD,
                  arena.allocateFrom(JAVA_LONG, KEPT_BYTES)));
    } catch (Throwable e) {
      throw Calls.failed("CUDA", e);
    }
  }

  /**
   * Opens a device on which ONNX Runtime has computed already.
   *
   * @throws SluiceException FAILED_PRECONDITION when CUDA refuses
   */
  static CudaHardware open(Device.Cuda device) {
    return new CudaHardware(device.ordinal());
  }

  /**
   * What the compiler calls the architecture of a device, which is the thread's from now on.
   *
   * @throws SluiceException when CUDA refuses
   */
  static String architecture(Device.Cuda device) {
    return shared(device).architecture();
  }

  /** Page-locked memory of the host, freed when unreachable. */
  static ByteBuffer transferBuffer(Device.Cuda device, long sizeBytes) {
    CudaHardware hardware = shared(device);
    return hardware
        .allocateStaging(Math.max(1, sizeBytes))
        .reinterpret(sizeBytes, Arena.ofAuto(), hardware::freeStaging)
        .asByteBuffer();
  }

  @Override
  public String name() {
    return "Cuda";
  }

  @Override
  public int number() {
    return number;
  }

  @Override
  public long stream() {
    return stream.address();
  }

  @Override
  public int alignment() {
    return ALIGNMENT;
  }

  @Override
  public MemorySegment allocate(long sizeBytes) {
    select();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      check("cudaMallocAsync", (int) allocate.invokeExact(out, Math.max(1, sizeBytes), stream));
      return out.get(ADDRESS, 0).reinterpret(sizeBytes);
    } catch (Throwable e) {
      throw Calls.failed("cudaMallocAsync", e);
    }
  }

  @Override
  public void free(MemorySegment memory) {
    select();
    try {
      check("cudaFreeAsync", (int) free.invokeExact(memory, stream));
    } catch (Throwable e) {
      throw Calls.failed("cudaFreeAsync", e);
    }
  }

  @Override
  public MemorySegment allocateStaging(long sizeBytes) {
    select();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      check("cudaHostAlloc", (int) hostAllocate.invokeExact(out, sizeBytes, 0));
      return out.get(ADDRESS, 0).reinterpret(sizeBytes);
    } catch (Throwable e) {
      throw Calls.failed("cudaHostAlloc", e);
    }
  }

  @Override
  public void freeStaging(MemorySegment memory) {
    try {
      check("cudaFreeHost", (int) hostFree.invokeExact(memory));
    } catch (Throwable e) {
      throw Calls.failed("cudaFreeHost", e);
    }
  }

  @Override
  public void toDevice(MemorySegment to, MemorySegment from) {
    copy(to, from, TO_DEVICE);
  }

  @Override
  public void toHost(MemorySegment to, MemorySegment from) {
    copy(to, from, TO_HOST);
  }

  @Override
  public void copy(MemorySegment to, MemorySegment from) {
    copy(to, from, WITHIN);
  }

  @Override
  public void clear(MemorySegment memory) {
    try {
      check("cudaMemsetAsync", (int) set.invokeExact(memory, 0, memory.byteSize(), stream));
    } catch (Throwable e) {
      throw Calls.failed("cudaMemsetAsync", e);
    }
  }

  @Override
  public void join(MemorySegment to, List<MemorySegment> from) {
    CudaKernels kernels = CudaKernels.ifOpen(number);
    if (kernels == null) {
      Hardware.super.join(to, from);
      return;
    }
    select();
    kernels.join(to, from, stream);
  }

  @Override
  public void await() {
    try {
      check("cudaStreamSynchronize", (int) synchronize.invokeExact(stream));
    } catch (Throwable e) {
      throw Calls.failed("cudaStreamSynchronize", e);
    }
  }

  @Override
  public long freeBytes() {
    return memory(true);
  }

  @Override
  public long totalBytes() {
    return memory(false);
  }

  @Override
  public void close() {
    await();
    try {
      MethodHandle destroy = function("cudaStreamDestroy", ADDRESS);
      check("cudaStreamDestroy", (int) destroy.invokeExact(stream));
    } catch (Throwable e) {
      throw Calls.failed("cudaStreamDestroy", e);
    }
  }

  /** For what is no affair of one memory's stream; lasts as long as the process. */
  private static CudaHardware shared(Device.Cuda device) {
    CudaHardware shared = SHARED.computeIfAbsent(device.ordinal(), CudaHardware::new);
    shared.select();
    return shared;
  }

  private String architecture() {
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle attribute = function("cudaDeviceGetAttribute", ADDRESS, JAVA_INT, JAVA_INT);
      MemorySegment out = arena.allocate(JAVA_INT);
      check("cudaDeviceGetAttribute", (int) attribute.invokeExact(out, MAJOR, number));
      int major = out.get(JAVA_INT, 0);
      check("cudaDeviceGetAttribute", (int) attribute.invokeExact(out, MINOR, number));
      return "compute_" + major + out.get(JAVA_INT, 0);
    } catch (Throwable e) {
      throw Calls.failed("cudaDeviceGetAttribute", e);
    }
  }

  private long memory(boolean free) {
    select();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment unused = arena.allocate(JAVA_LONG);
      MemorySegment all = arena.allocate(JAVA_LONG);
      check("cudaMemGetInfo", (int) memoryInfo.invokeExact(unused, all));
      return (free ? unused : all).get(JAVA_LONG, 0);
    } catch (Throwable e) {
      throw Calls.failed("cudaMemGetInfo", e);
    }
  }

  private void copy(MemorySegment to, MemorySegment from, int kind) {
    try {
      check("cudaMemcpyAsync", (int) copy.invokeExact(to, from, from.byteSize(), kind, stream));
    } catch (Throwable e) {
      throw Calls.failed("cudaMemcpyAsync", e);
    }
  }

  /** The device is one of the thread's settings. */
  private void select() {
    try {
      check("cudaSetDevice", (int) setDevice.invokeExact(number));
    } catch (Throwable e) {
      throw Calls.failed("cudaSetDevice", e);
    }
  }

  private MethodHandle function(String name, MemoryLayout... arguments) {
    return linker.downcallHandle(
        library.find(name).orElseThrow(), FunctionDescriptor.of(JAVA_INT, arguments));
  }

  private void check(String call, int status) throws Throwable {
    if (status != 0) {
      MemorySegment text = (MemorySegment) message.invokeExact(status);
      throw new SluiceException(
          status == OUT_OF_MEMORY ? ErrorCode.RESOURCE_EXHAUSTED : ErrorCode.INTERNAL,
          call
              + ": CUDA failure "
              + status
              + ": "
              + text.reinterpret(Long.MAX_VALUE).getString(0)
              + " (expected: 0)");
    }
  }
}
