package io.sluice.backbone.runtime;

import static java.util.Objects.requireNonNull;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.OnnxFormat;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The native ONNX Runtime of this process: one thread pool shared by all sessions, no telemetry,
 * warnings on stderr. Thread-safe; there is one, seen from one instance per device asked for.
 *
 * <p><b>Ending a process.</b> ONNX Runtime frees itself in a JVM shutdown hook while other threads
 * still run, and a run that is under way then crashes the process. So every main stops its work and
 * calls {@link #quiesce} before the JVM goes down, on signals too ({@link ProcessSignals}), and
 * nothing calls {@code System.exit} during a run.
 */
public final class OnnxRuntime {
  /**
   * How long threads of a session's own stay awake for its next operator: longer than most
   * operators take by one thread only, so that they are awake within a run and asleep soon after
   * it.
   */
  private static final String AWAKE_MICROS = "50";

  private static @Nullable OnnxRuntime instance;

  private final OrtEnvironment environment;
  private final RuntimeSettings settings;
  private final RunGate gate;
  private final AtomicInteger openHandles;
  private final TensorMemory memory;
  private final OwnOperators operators;

  /** How runs on device memory are made; null for the usual way. */
  private final OrtSession.@Nullable RunOptions runOptions;

  private OnnxRuntime(OnnxRuntime same, Device device) {
    this.environment = same.environment;
    this.settings = same.settings.on(device);
    this.operators = new OwnOperators(device);
    this.gate = same.gate;
    this.openHandles = same.openHandles;
    this.memory = new HostMemory(this);
    this.runOptions = null;
  }

  private OnnxRuntime(OnnxRuntime same, DeviceMemory memory) throws OrtException {
    this.environment = same.environment;
    this.settings = same.settings;
    this.operators = same.operators;
    this.gate = same.gate;
    this.openHandles = same.openHandles;
    this.memory = memory;
    OrtSession.RunOptions options = new OrtSession.RunOptions();
    // All is in order on one stream; who wants to see a result waits for that.
    options.addRunConfigEntry("disable_synchronize_execution_providers", "1");
    this.runOptions = options;
  }

  private OnnxRuntime(RuntimeSettings settings) throws OrtException {
    this.settings = settings.on(Device.CPU);
    this.operators = new OwnOperators(Device.CPU);
    this.gate = new RunGate();
    this.openHandles = new AtomicInteger();
    this.memory = new HostMemory(this);
    this.runOptions = null;
    try (OrtEnvironment.ThreadingOptions threading = new OrtEnvironment.ThreadingOptions()) {
      threading.setGlobalIntraOpNumThreads(settings.threads());
      threading.setGlobalInterOpNumThreads(1);
      threading.setGlobalSpinControl(false);
      this.environment =
          OrtEnvironment.getEnvironment(
              OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING, "sluice", threading);
    }
    environment.setTelemetry(false);
  }

  /**
   * The runtime of this process, started with the given settings if it is not running yet.
   *
   * @throws IllegalStateException when it runs with other settings: the native thread pool cannot
   *     be changed, only the device can
   * @throws SluiceException FAILED_PRECONDITION when the process's command line is so long that it
   *     would crash, or when the device does not start
   */
  public static synchronized OnnxRuntime start(RuntimeSettings settings) {
    requireNonNull(settings, "settings");
    OnnxRuntime running = instance;
    if (running == null) {
      CommandLineLimit.requireMet();
      try {
        running = new OnnxRuntime(settings);
      } catch (OrtException e) {
        throw OrtFailures.internal("start", e);
      }
      instance = running;
    }
    if (!running.settings.equals(settings.on(Device.CPU))) {
      throw new IllegalStateException(
          "settings: " + settings + " (expected: " + running.settings + ", as started)");
    }
    return running.on(settings.device());
  }

  /** The runtime of this process as it runs, or started with the default settings. */
  public static synchronized OnnxRuntime shared() {
    OnnxRuntime running = instance;
    return running == null ? start(RuntimeSettings.defaults()) : running;
  }

  /**
   * The same runtime, whose sessions compute on another device unless they say otherwise; tensors
   * and sessions of both may be mixed.
   *
   * @throws SluiceException FAILED_PRECONDITION saying what is missing, when the device does not
   *     start
   */
  public OnnxRuntime on(Device device) {
    requireNonNull(device, "device");
    if (device.equals(settings.device())) {
      return this;
    }
    OnnxRuntime other = new OnnxRuntime(this, device);
    if (device instanceof Device.Cuda cuda) {
      CudaProvider.require(other, cuda);
    }
    return other;
  }

  /** The same runtime on the processor: for what is not worth a GPU, or must not depend on one. */
  public OnnxRuntime onCpu() {
    return on(Device.CPU);
  }

  /** Why {@link #onDeviceMemory} is refused in this JVM whatever the device; null if it is not. */
  public static @Nullable String whyNoDeviceMemory() {
    return DeviceMemories.missing();
  }

  /**
   * The same runtime with {@link #memory()} on its device: its sessions compute on one stream, and
   * what is run into given tensors is not waited for. For one user; frees what it takes with the
   * process.
   *
   * @throws SluiceException FAILED_PRECONDITION saying what is missing
   */
  public OnnxRuntime onDeviceMemory() {
    try {
      return new OnnxRuntime(this, DeviceMemories.open(this, settings.device()));
    } catch (OrtException e) {
      throw OrtFailures.internal("run options", e);
    }
  }

  /** Where its sessions read and write tensors without a copy. */
  public TensorMemory memory() {
    return memory;
  }

  /**
   * Why graphs for its device cannot have {@link DeviceOperators}; null if they can. What that
   * takes is made ready at the first call.
   */
  public @Nullable String whyNoDeviceOperators() {
    return operators.missing();
  }

  /**
   * Room for floats that go to its device, or come from it, at every run: copies are faster than
   * with other memory where it is a GPU. Of any content.
   */
  public FloatBuffer transferFloats(long count) {
    long sizeBytes = Math.multiplyExact(count, Float.BYTES);
    return DeviceMemories.transferBuffer(settings.device(), sizeBytes)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  /** The providers that this build of ONNX Runtime knows, whether they start or not. */
  public static List<String> providers() {
    return OrtEnvironment.getAvailableProviders().stream().map(OrtProvider::getName).toList();
  }

  /** The settings it was started with, and its device. */
  public RuntimeSettings settings() {
    return settings;
  }

  /** The version of the native library. */
  public String version() {
    return environment.getVersion();
  }

  /** Compiles a model without external data. */
  public OnnxSession open(byte[] model, SessionSettings sessionSettings) {
    requireNonNull(model, "model");
    return open(sessionSettings, options -> environment.createSession(model, options));
  }

  /** Compiles a graph. */
  public OnnxSession open(Graph graph, SessionSettings sessionSettings) {
    byte[] model = OnnxFormat.write(graph);
    // Not by the domains: models that ONNX Runtime writes name all that this process knows.
    boolean own = graph.nodes().stream().anyMatch(node -> node.domain().equals(Node.SLUICE));
    return open(
        sessionSettings,
        options -> {
          if (own) {
            operators.addTo(options);
          }
          return environment.createSession(model, options);
        });
  }

  /** Compiles a model file; external data is resolved beside it by ONNX Runtime. */
  public OnnxSession open(Path model, SessionSettings sessionSettings) {
    requireNonNull(model, "model");
    return open(sessionSettings, options -> environment.createSession(model.toString(), options));
  }

  /** The number of sessions, tensors and results that are not closed; for leak checks. */
  public int openHandles() {
    return openHandles.get();
  }

  /**
   * Refuses runs and openings from now on ({@link ErrorCode#UNAVAILABLE}) and waits for those under
   * way. For good: call it last, before the JVM goes down.
   *
   * @return whether none is left
   */
  public boolean quiesce(Duration timeout) {
    requireNonNull(timeout, "timeout");
    return gate.shut() || gate.awaitEmpty(timeout);
  }

  OrtEnvironment environment() {
    return environment;
  }

  OrtSession.@Nullable RunOptions runOptions() {
    return runOptions;
  }

  void opened() {
    openHandles.incrementAndGet();
  }

  void closed() {
    openHandles.decrementAndGet();
  }

  /** Must be followed by {@link #leave()}. */
  void enter() {
    if (!gate.enter()) {
      throw new SluiceException(ErrorCode.UNAVAILABLE, "runtime: stopped (expected: running)");
    }
  }

  void leave() {
    gate.leave();
  }

  OnnxSession open(SessionSettings sessionSettings, Opening opening) {
    requireNonNull(sessionSettings, "sessionSettings");
    enter();
    try (OrtSession.SessionOptions options = options(sessionSettings)) {
      return OnnxSession.of(this, opening.open(options));
    } catch (OrtException e) {
      throw OrtFailures.opening(e);
    } finally {
      leave();
    }
  }

  private OrtSession.SessionOptions options(SessionSettings session) throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    try {
      if (session.ownThreads() > 0) {
        options.setIntraOpNumThreads(session.ownThreads());
        options.addConfigEntry("session.intra_op.spin_duration_us", AWAKE_MICROS);
      } else {
        options.disablePerSessionThreads();
      }
      options.setOptimizationLevel(
          switch (session.level()) {
            case NONE -> OrtSession.SessionOptions.OptLevel.NO_OPT;
            case BASIC -> OrtSession.SessionOptions.OptLevel.BASIC_OPT;
            case EXTENDED -> OrtSession.SessionOptions.OptLevel.EXTENDED_OPT;
            case ALL -> OrtSession.SessionOptions.OptLevel.ALL_OPT;
          });
      options.setMemoryPatternOptimization(session.memoryPattern());
      options.setCPUArenaAllocator(session.arena());
      Path optimized = session.optimizedModelPath();
      if (optimized != null) {
        options.setOptimizedModelFilePath(optimized.toString());
      }
      Path profile = session.profilePath();
      if (profile != null) {
        options.enableProfiling(profile.toString());
      }
      Device asked = session.device();
      if ((asked == null ? settings.device() : asked) instanceof Device.Cuda cuda) {
        CudaProvider.add(options, cuda, memory instanceof DeviceMemory of ? of.stream() : 0);
      }
      for (var entry : session.configEntries().entrySet()) {
        options.addConfigEntry(entry.getKey(), entry.getValue());
      }
      return options;
    } catch (OrtException | RuntimeException | Error e) {
      options.close();
      throw e;
    }
  }

  /** Makes the native session. */
  interface Opening {
    OrtSession open(OrtSession.SessionOptions options) throws OrtException;
  }
}
