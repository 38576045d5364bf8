package io.sluice.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import ai.onnxruntime.OrtSession;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.runtime.DeviceOperators;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.List;

/**
 * {@link Kernel}s as custom operators of ONNX Runtime, which calls back into Java for each: the
 * structures of its C API, filled with stubs. They last as long as the process. Thread-safe.
 */
@SuppressWarnings("restricted") // calls native code, and is called by it: that is what it is for
final class OrtOperators implements DeviceOperators {
  /* Positions in struct OrtApi of onnxruntime_c_api.h. */
  private static final int CREATE_CUSTOM_OP_DOMAIN = 26;
  private static final int CUSTOM_OP_DOMAIN_ADD = 27;
  private static final int ADD_CUSTOM_OP_DOMAIN = 28;

  /**
   * The version of the API that struct OrtCustomOp is filled for: the first in which an operator
   * can fail; what later ones added is not read.
   */
  private static final int VERSION = 16;

  /** Pointers of the struct in any version, so that what is not set is null. */
  private static final int POINTERS = 40;

  /* Positions in struct OrtCustomOp, the version being the first. */
  private static final int NAME = 2;
  private static final int PROVIDER = 3;
  private static final int INPUT_TYPE = 4;
  private static final int INPUT_COUNT = 5;
  private static final int OUTPUT_TYPE = 6;
  private static final int OUTPUT_COUNT = 7;
  private static final int DESTROY = 9;
  private static final int INPUT_KIND = 10;
  private static final int OUTPUT_KIND = 11;
  private static final int INPUT_MEMORY = 12;
  private static final int FEWEST_INPUTS = 13;
  private static final int INPUTS_ALIKE = 14;
  private static final int FEWEST_OUTPUTS = 15;
  private static final int OUTPUTS_ALIKE = 16;
  private static final int CREATE = 17;
  private static final int COMPUTE = 18;

  private static final int REQUIRED = 0;
  private static final int VARIADIC = 2;
  private static final int DEVICE_MEMORY = 0;
  private static final int HOST_MEMORY = -2;

  private final Arena arena = Arena.global();
  private final Linker linker = Linker.nativeLinker();
  private final OrtApi api = new OrtApi();
  private final OrtKernelCalls calls;
  private final List<Kernel> kernels;
  private final MemorySegment domain;
  private final MethodHandle addDomain;
  private final Method handleOf;

  /**
   * Makes the operators.
   *
   * @param provider ONNX Runtime's execution provider that the kernels are for
   */
  OrtOperators(String provider, List<Kernel> kernels) {
    this.kernels = List.copyOf(kernels);
    calls = new OrtKernelCalls(api, !provider.startsWith("CPU"));
    addDomain =
        api.function(ADD_CUSTOM_OP_DOMAIN, FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS));
    try {
      handleOf = OrtSession.SessionOptions.class.getDeclaredMethod("getNativeHandle");
      handleOf.setAccessible(true);
    } catch (ReflectiveOperationException e) {
      throw OrtApi.others(e);
    }
    MethodHandle create =
        api.function(CREATE_CUSTOM_OP_DOMAIN, FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS));
    MethodHandle add =
        api.function(CUSTOM_OP_DOMAIN_ADD, FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS));
    try {
      MemorySegment out = arena.allocate(ADDRESS);
      MemorySegment name = arena.allocateFrom(Node.SLUICE);
      api.check("CreateCustomOpDomain", (MemorySegment) create.invokeExact(name, out));
      domain = out.get(ADDRESS, 0);
      for (int i = 0; i < kernels.size(); i++) {
        MemorySegment operator = operator(i, arena.allocateFrom(provider));
        api.check("CustomOpDomain_Add", (MemorySegment) add.invokeExact(domain, operator));
      }
    } catch (Throwable e) {
      throw Calls.failed("CustomOpDomain_Add", e);
    }
  }

  @Override
  public void addTo(OrtSession.SessionOptions options) {
    try {
      MemorySegment handle = MemorySegment.ofAddress((long) handleOf.invoke(options));
      api.check("AddCustomOpDomain", (MemorySegment) addDomain.invokeExact(handle, domain));
    } catch (Throwable e) {
      throw Calls.failed("AddCustomOpDomain", e);
    }
  }

  /** Struct OrtCustomOp of a kernel: its version, then functions in their order. */
  private MemorySegment operator(int number, MemorySegment provider) throws Throwable {
    Kernel kernel = kernels.get(number);
    MemorySegment name = arena.allocateFrom(kernel.name());
    // What ONNX Runtime takes for a kernel's state is its number, not null.
    MethodHandles.Lookup here = MethodHandles.lookup();
    Class<?> pointer = MemorySegment.class;
    MethodHandle create =
        here.findStatic(
            OrtOperators.class, "create", MethodType.methodType(pointer, pointer, int.class));
    MethodHandle numbered =
        MethodHandles.dropArguments(
            MethodHandles.insertArguments(create, 1, number), 0, pointer, pointer, pointer);
    MethodHandle compute =
        here.bind(this, "compute", MethodType.methodType(pointer, pointer, pointer));
    MemorySegment[] functions = new MemorySegment[POINTERS];
    functions[NAME] = constant(ADDRESS, name, ADDRESS);
    functions[PROVIDER] = constant(ADDRESS, provider, ADDRESS);
    functions[INPUT_TYPE] = constant(JAVA_INT, DataType.FLOAT.onnxCode(), ADDRESS, JAVA_LONG);
    functions[INPUT_COUNT] = constant(JAVA_LONG, (long) Math.max(1, kernel.inputs()), ADDRESS);
    functions[OUTPUT_TYPE] = functions[INPUT_TYPE];
    functions[OUTPUT_COUNT] = constant(JAVA_LONG, (long) Math.max(1, kernel.outputs()), ADDRESS);
    functions[DESTROY] =
        linker.upcallStub(
            MethodHandles.empty(MethodType.methodType(void.class, MemorySegment.class)),
            FunctionDescriptor.ofVoid(ADDRESS),
            arena);
    functions[INPUT_KIND] = kind(kernel.inputs());
    functions[OUTPUT_KIND] = kind(kernel.outputs());
    functions[FEWEST_INPUTS] = constant(JAVA_INT, 1, ADDRESS);
    functions[INPUTS_ALIKE] = functions[FEWEST_INPUTS];
    functions[FEWEST_OUTPUTS] = functions[FEWEST_INPUTS];
    functions[OUTPUTS_ALIKE] = functions[FEWEST_INPUTS];
    MethodHandle memory =
        here.findStatic(
            OrtOperators.class,
            "memory",
            MethodType.methodType(int.class, int.class, pointer, long.class));
    functions[INPUT_MEMORY] =
        linker.upcallStub(
            MethodHandles.insertArguments(memory, 0, kernel.onHost()),
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG),
            arena);
    functions[CREATE] =
        linker.upcallStub(
            numbered, FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS), arena);
    functions[COMPUTE] =
        linker.upcallStub(compute, FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS), arena);
    MemorySegment struct = arena.allocate(ADDRESS, POINTERS);
    struct.set(JAVA_INT, 0, VERSION);
    for (int i = 1; i < POINTERS; i++) {
      struct.setAtIndex(ADDRESS, i, functions[i] == null ? MemorySegment.NULL : functions[i]);
    }
    return struct;
  }

  private MemorySegment kind(int count) {
    return constant(JAVA_INT, count == Kernel.ANY ? VARIADIC : REQUIRED, ADDRESS, JAVA_LONG);
  }

  /** GetInputMemoryType. */
  static int memory(int onHost, MemorySegment operator, long input) {
    return input == onHost ? HOST_MEMORY : DEVICE_MEMORY;
  }

  /** CreateKernelV2: a kernel has no state. */
  static MemorySegment create(MemorySegment out, int number) {
    out.reinterpret(ADDRESS.byteSize()).set(ADDRESS, 0, MemorySegment.ofAddress(number + 1L));
    return MemorySegment.NULL;
  }

  /** KernelComputeV2. */
  MemorySegment compute(MemorySegment state, MemorySegment context) {
    return calls.compute(kernels.get((int) state.address() - 1), context);
  }

  /** A function that ignores its arguments. */
  private MemorySegment constant(MemoryLayout type, Object value, MemoryLayout... arguments) {
    FunctionDescriptor descriptor = FunctionDescriptor.of(type, arguments);
    MethodType called = descriptor.toMethodType();
    MethodHandle constant = MethodHandles.constant(called.returnType(), value);
    return linker.upcallStub(
        MethodHandles.dropArguments(constant, 0, called.parameterList()), descriptor, arena);
  }
}
