package io.sluice.backbone.runtime;

import static java.util.Objects.requireNonNull;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Runtime's container of packed weights: what its kernels make of a shared weight when a
 * session opens, kept once for all sessions that share it. The Java API has no call for it, so it
 * is the C API's, by JNA, and the session is handed to Java by reflection. Thread-safe; to be
 * closed when all of its sessions are.
 */
final class PackedWeights implements AutoCloseable {
  /* Positions in struct OrtApi of onnxruntime_c_api.h; the struct only ever grows at its end. */
  private static final int GET_ERROR_CODE = 1;
  private static final int GET_ERROR_MESSAGE = 2;
  private static final int RELEASE_STATUS = 93;
  private static final int CREATE_CONTAINER = 166;
  private static final int RELEASE_CONTAINER = 167;
  private static final int CREATE_SESSION = 169;

  private final Pointer api;
  private final Constructor<OrtSession> newSession;
  private final Object allocator;
  private final Pointer nativeEnvironment;
  private final Method nativeOptions;
  private final Pointer container;

  /**
   * @throws LinkageError when native code cannot be called here
   * @throws ReflectiveOperationException when ONNX Runtime's classes are not the known ones
   */
  PackedWeights(OrtEnvironment environment) throws ReflectiveOperationException, OrtException {
    requireNonNull(environment, "environment");
    Class<?> library = Class.forName("ai.onnxruntime.OnnxRuntime");
    api = new Pointer(opened(library.getDeclaredField("ortApiHandle")).getLong(null));
    Field defaultAllocator = opened(OrtEnvironment.class.getDeclaredField("defaultAllocator"));
    allocator = requireNonNull(defaultAllocator.get(environment), "defaultAllocator");
    newSession =
        opened(OrtSession.class.getDeclaredConstructor(long.class, defaultAllocator.getType()));
    nativeEnvironment =
        handle(opened(OrtEnvironment.class.getDeclaredMethod("getNativeHandle")), environment);
    nativeOptions = opened(OrtSession.SessionOptions.class.getDeclaredMethod("getNativeHandle"));
    PointerByReference made = new PointerByReference();
    check(call(CREATE_CONTAINER, made));
    container = made.getValue();
  }

  /** A session whose initializers of {@code options} have their packed form from here. */
  OrtSession open(byte[] model, OrtSession.SessionOptions options) throws OrtException {
    PointerByReference made = new PointerByReference();
    try (Memory bytes = new Memory(model.length)) {
      bytes.write(0, model, 0, model.length);
      Pointer settings = handle(nativeOptions, options);
      long size = model.length;
      check(call(CREATE_SESSION, nativeEnvironment, bytes, size, settings, container, made));
      return newSession.newInstance(Pointer.nativeValue(made.getValue()), allocator);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "ONNX Runtime's Java classes: others (expected: those this was written against)", e);
    }
  }

  @Override
  public void close() {
    function(RELEASE_CONTAINER).invokeVoid(new Object[] {container});
  }

  private @Nullable Pointer call(int position, Object... arguments) {
    return function(position).invokePointer(arguments);
  }

  private void check(@Nullable Pointer status) throws OrtException {
    if (status == null) {
      return;
    }
    Object[] argument = {status};
    int code = function(GET_ERROR_CODE).invokeInt(argument);
    String message = function(GET_ERROR_MESSAGE).invokeString(argument, false);
    function(RELEASE_STATUS).invokeVoid(argument);
    throw new OrtException(code, message);
  }

  private Function function(int position) {
    return Function.getFunction(api.getPointer((long) position * Native.POINTER_SIZE));
  }

  private static Pointer handle(Method getter, Object of) throws ReflectiveOperationException {
    return new Pointer((long) getter.invoke(of));
  }

  private static <T extends AccessibleObject> T opened(T member) {
    member.setAccessible(true);
    return member;
  }
}
