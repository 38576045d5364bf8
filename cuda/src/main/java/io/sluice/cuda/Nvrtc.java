package io.sluice.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** NVIDIA's compiler of CUDA C++ as a library. Stateless. */
@SuppressWarnings("restricted") // calls native code: that is what it is for
final class Nvrtc {
  private static final List<String> LIBRARIES =
      List.of("libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so");

  private final SymbolLookup library;

  private Nvrtc(SymbolLookup library) {
    this.library = library;
  }

  /**
   * Compiles a program.
   *
   * @param architecture e.g. {@code compute_90}
   * @return the program in PTX, a text that the driver compiles further
   * @throws SluiceException FAILED_PRECONDITION when there is no such library, or it refuses
   */
  static MemorySegment compile(String source, String architecture, Arena arena) {
    try {
      return new Nvrtc(find()).compiled(source, architecture, arena);
    } catch (Throwable e) {
      throw Calls.failed("nvrtc", e);
    }
  }

  private static SymbolLookup find() {
    @Nullable IllegalArgumentException last = null;
    for (String name : LIBRARIES) {
      try {
        return SymbolLookup.libraryLookup(name, Arena.global());
      } catch (IllegalArgumentException e) {
        last = e;
      }
    }
    throw new SluiceException(
        ErrorCode.FAILED_PRECONDITION,
        "device operators: libnvrtc is not found (expected: one of "
            + LIBRARIES
            + " in LD_LIBRARY_PATH)",
        last);
  }

  private MemorySegment compiled(String source, String architecture, Arena arena) throws Throwable {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment out = call.allocate(ADDRESS);
      MethodHandle create =
          function("nvrtcCreateProgram", ADDRESS, ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS);
      MemorySegment none = MemorySegment.NULL;
      MemorySegment text = call.allocateFrom(source);
      check("nvrtcCreateProgram", (int) create.invokeExact(out, text, none, 0, none, none), "");
      MemorySegment program = out.get(ADDRESS, 0);
      MemorySegment option = call.allocateFrom("--gpu-architecture=" + architecture);
      MemorySegment options = call.allocateFrom(ADDRESS, option);
      MethodHandle compile = function("nvrtcCompileProgram", ADDRESS, JAVA_INT, ADDRESS);
      int status = (int) compile.invokeExact(program, 1, options);
      if (status != 0) {
        MemorySegment log = text(program, "nvrtcGetProgramLog", call);
        check("nvrtcCompileProgram", status, ": " + log.getString(0));
      }
      return text(program, "nvrtcGetPTX", arena);
    }
  }

  /** What a function fills memory with, whose size another one tells. */
  private MemorySegment text(MemorySegment program, String getter, Arena arena) throws Throwable {
    MemorySegment size = arena.allocate(JAVA_LONG);
    MethodHandle sizeOf = function(getter + "Size", ADDRESS, ADDRESS);
    check(getter, (int) sizeOf.invokeExact(program, size), "");
    MemorySegment text = arena.allocate(Math.max(1, size.get(JAVA_LONG, 0)));
    MethodHandle get = function(getter, ADDRESS, ADDRESS);
    check(getter, (int) get.invokeExact(program, text), "");
    return text;
  }

  private MethodHandle function(String name, MemoryLayout... arguments) {
    return Linker.nativeLinker()
        .downcallHandle(
            library.find(name).orElseThrow(), FunctionDescriptor.of(JAVA_INT, arguments));
  }

  private static void check(String call, int status, String more) {
    if (status != 0) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          "device operators: " + call + ": failure " + status + more + " (expected: 0)");
    }
  }
}
