package io.sluice.server.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.server.ServerSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A server of the testing backbone in a process of its own, which can be killed or be given a
 * narrow disk. The process ends with its standard input.
 */
public final class ChildServer implements AutoCloseable {
  private static final String READY = "ready ";

  private final Process process;
  private final BufferedReader lines;
  private int port;
  private int adminPort;

  private ChildServer(Process process) {
    this.process = process;
    this.lines = process.inputReader(UTF_8);
  }

  /**
   * Starts the process, and does not wait until it serves.
   *
   * @param before a command that is given the command of the server to run; may be empty
   */
  public static ChildServer start(List<String> before, Path store) throws IOException {
    List<String> command = new ArrayList<>(before);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xshare:auto",
            "-Xmx256m",
            ChildServer.class.getName(),
            store.toString()));
    ProcessBuilder process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    process.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    return new ChildServer(process.start());
  }

  /** Waits until it serves; whether it does, or is dead. */
  public boolean awaitReady() {
    try {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(READY)) {
          String[] words = line.split(" ", -1);
          if (words.length < 3) {
            return false;
          }
          port = Integer.parseInt(words[1]);
          adminPort = Integer.parseInt(words[2]);
          return true;
        }
      }
    } catch (IOException e) {
      // The pipe of a process that was killed may break while it is read.
    }
    return false;
  }

  public int port() {
    return port;
  }

  public int adminPort() {
    return adminPort;
  }

  /** Of the process: it has no other in between. */
  public long pid() {
    return process.pid();
  }

  /** SIGKILL: nothing of it runs any more. */
  public void kill() {
    process.destroyForcibly();
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }

  /** The process. Argument: the folder of the store. */
  public static void main(String[] args) throws IOException {
    PrintStream out = new PrintStream(System.out, true, UTF_8);
    RunningServer running =
        new RunningServer(
            Path.of(args[0]),
            TestingBackbone.create(),
            ServerSettings.defaults(),
            OnnxRuntime.shared());
    out.println(READY + running.server().port() + " " + running.server().adminPort() + " .");
    while (System.in.read() >= 0) {
      // Until whoever started it is gone.
    }
    running.close();
  }
}
