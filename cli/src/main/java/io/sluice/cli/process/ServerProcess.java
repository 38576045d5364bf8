package io.sluice.cli.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.loadtest.Target;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * {@code sluice serve} in a process of its own, on free ports. Thread-safe.
 *
 * <p>Owns the process: {@link #close} ends it.
 */
public final class ServerProcess implements AutoCloseable {
  /** The exit code of wrong usage or input. */
  private static final int USAGE = 2;

  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final int FIRST_VERSION_THAT_WARNS = 23;
  private static final String DATA = "requests ";
  private static final String ADMIN = "admin ";

  /** Where ONNX Runtime's libraries are, if not in its jar. */
  private static final String NATIVE_LIBRARIES = "onnxruntime.native.path";

  private final Process process;
  private final Target data;
  private final Target admin;
  private final Path log;

  private ServerProcess(Process process, Target data, Target admin, Path log) {
    this.process = process;
    this.data = data;
    this.admin = admin;
    this.log = log;
  }

  /**
   * Starts a server and waits until it listens.
   *
   * @param jvmOptions besides those of the launcher
   * @param options of {@code serve}; ports are chosen here
   * @param log what the server says on standard error
   */
  public static ServerProcess start(List<String> jvmOptions, List<String> options, Path log) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Dfile.encoding=UTF-8",
            "-Xss4m",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseG1GC",
            "-XX:MinHeapFreeRatio=10",
            "-XX:MaxHeapFreeRatio=30",
            "-XX:G1PeriodicGCInterval=30000"));
    if (Runtime.version().feature() >= FIRST_VERSION_THAT_WARNS) {
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    String libraries = System.getProperty(NATIVE_LIBRARIES);
    if (libraries != null) {
      command.add("-D" + NATIVE_LIBRARIES + "=" + libraries);
    }
    command.addAll(jvmOptions);
    command.addAll(List.of("io.sluice.cli.Main", "serve", "--port", "0", "--admin-port", "0"));
    command.addAll(options);
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
    // Not an argument: ONNX Runtime crashes on a long command line.
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
    try {
      Process process = builder.start();
      try {
        return listening(process, log);
      } catch (IOException | RuntimeException e) {
        process.destroyForcibly();
        throw e;
      }
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.UNAVAILABLE, command.get(0) + ": " + e + " (expected: a server)", e);
    }
  }

  private static ServerProcess listening(Process process, Path log) throws IOException {
    BufferedReader said = process.inputReader(UTF_8);
    Target data = null;
    for (String line = said.readLine(); line != null; line = said.readLine()) {
      if (line.startsWith(DATA)) {
        data = target(line);
      } else if (line.startsWith(ADMIN)) {
        return new ServerProcess(process, requireNonNull(data, "data"), target(line), log);
      }
    }
    throw new SluiceException(
        refused(process) ? ErrorCode.FAILED_PRECONDITION : ErrorCode.UNAVAILABLE,
        "server: ended before it listened: " + Files.readString(log) + " (expected: a server)");
  }

  /** Whether it ended because of what it was told to do. */
  private static boolean refused(Process process) {
    try {
      return process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
          && process.exitValue() == USAGE;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static Target target(String line) {
    return Target.local(Integer.parseInt(line.substring(line.lastIndexOf(':') + 1)));
  }

  /** Where it takes requests. */
  public Target data() {
    return data;
  }

  /** Where it is administered. */
  public Target admin() {
    return admin;
  }

  public long pid() {
    return process.pid();
  }

  /** Whether it runs. */
  public boolean alive() {
    return process.isAlive();
  }

  /** What it has said on standard error. */
  public String said() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Asks it to end, as a process manager does, and does not wait. */
  public void terminate() {
    process.destroy();
  }

  /**
   * Waits for its end.
   *
   * @return the exit code
   * @throws IllegalStateException when it has not ended in time; it is killed then
   */
  public int awaitEnd(Duration timeout) throws InterruptedException {
    if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException(
          "server: running (expected: ended within " + timeout + ", after what it was told)");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    terminate();
    try {
      awaitEnd(PATIENCE);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
