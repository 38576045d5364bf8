package io.sluice.server.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Connections that say nothing, held by a process of their own: with their ends in the server's
 * process, one could not have half as many. Confined to one thread.
 */
public final class IdleClients implements AutoCloseable {
  private static final String OPEN = "open ";
  private static final String CLOSED = "closed ";
  private static final int FIRST_HOST = 100;

  private final Process process;
  private final BufferedReader lines;

  private IdleClients(Process process) {
    this.process = process;
    this.lines = process.inputReader(UTF_8);
  }

  /**
   * Starts the process.
   *
   * @param perAddress connections from one address, 127.0.0.100 and following
   */
  public static IdleClients start(int port, int count, int perAddress) throws IOException {
    ProcessBuilder process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xmx128m",
                IdleClients.class.getName(),
                String.valueOf(port),
                String.valueOf(count),
                String.valueOf(perAddress))
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    process.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    return new IdleClients(process.start());
  }

  /** Waits until all are open; the milliseconds that opening them took. */
  public long awaitOpen() throws IOException {
    return number(OPEN);
  }

  /** Waits until the server has closed all of them, without a word; their number. */
  public long awaitClosed() throws IOException {
    return number(CLOSED);
  }

  private long number(String word) throws IOException {
    String line = lines.readLine();
    if (line == null || !line.startsWith(word)) {
      throw new IOException("clients: " + line + " (expected: " + word + "and a number)");
    }
    return Long.parseLong(line.substring(word.length()));
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }

  /** The process. Arguments: the port, the number of connections, those of one address. */
  public static void main(String[] args) throws IOException {
    PrintStream out = new PrintStream(System.out, true, UTF_8);
    int port = Integer.parseInt(args[0]);
    int count = Integer.parseInt(args[1]);
    int perAddress = Integer.parseInt(args[2]);
    long startNanos = System.nanoTime();
    List<RawConnection> idle = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      idle.add(RawConnection.from(FIRST_HOST + i / perAddress, port));
    }
    out.println(OPEN + (System.nanoTime() - startNanos) / 1_000_000);
    int closed = 0;
    for (RawConnection one : idle) {
      if (one.rest().isEmpty()) {
        closed++;
      }
      one.close();
    }
    out.println(CLOSED + closed);
  }
}
