package io.sluice.server.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;

/** A client that says over TCP what it likes, from an address of its own. Not thread-safe. */
public final class RawConnection implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 20_000;
  private static final int STATUS_BYTES = "HTTP/1.1 200".length();

  private final Socket socket;

  private RawConnection(Socket socket) {
    this.socket = socket;
  }

  /** From 127.0.0.host, from 256 on 127.0.1.0 and following. */
  public static RawConnection from(int host, int port) throws IOException {
    return connect(new Socket(), host, port);
  }

  /** One with room for a few answers only, so that those it does not read stay with the server. */
  public static RawConnection deaf(int host, int port) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4096);
    return connect(socket, host, port);
  }

  private static RawConnection connect(Socket socket, int host, int port) throws IOException {
    byte[] address = {127, 0, (byte) (host >> 8), (byte) host};
    socket.bind(new InetSocketAddress(InetAddress.getByAddress(address), 0));
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    socket.setSoTimeout(PATIENCE_MILLIS);
    return new RawConnection(socket);
  }

  public static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\nhost: x\r\n\r\n";
  }

  public void send(String text) throws IOException {
    send(text.getBytes(UTF_8));
  }

  public void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** Sends and says that no more comes; the server may have hung up before. */
  public void sendAll(byte[] bytes) {
    try {
      send(bytes);
      socket.shutdownOutput();
    } catch (IOException closed) {
      // What it has said is still to be read.
    }
  }

  /** What comes until it has this text in it, or until the server hangs up. */
  public String until(String text) throws IOException {
    StringBuilder all = new StringBuilder();
    byte[] part = new byte[4096];
    InputStream in = socket.getInputStream();
    for (int count = in.read(part); count >= 0; count = in.read(part)) {
      all.append(new String(part, 0, count, UTF_8));
      if (all.indexOf(text) >= 0) {
        break;
      }
    }
    return all.toString();
  }

  /** The status of the answer that is next. */
  public int status() throws IOException {
    String start = new String(socket.getInputStream().readNBytes(STATUS_BYTES), UTF_8);
    if (start.length() < STATUS_BYTES) {
      throw new AssertionError("\"" + start + "\" (expected: HTTP/1.1 and a status)");
    }
    return Integer.parseInt(start.substring(STATUS_BYTES - 3));
  }

  /** What comes until the server hangs up. */
  public String rest() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] part = new byte[4096];
    InputStream in = socket.getInputStream();
    try {
      for (int count = in.read(part); count >= 0; count = in.read(part)) {
        all.write(part, 0, count);
      }
    } catch (SocketException reset) {
      // As final as an end.
    }
    return all.toString(UTF_8);
  }

  /** Sends so many times, reading nothing; whether the server has hung up before the end. */
  public boolean isClosedWhileSending(String text, int times) {
    byte[] bytes = text.getBytes(UTF_8);
    try {
      for (int i = 0; i < times; i++) {
        send(bytes);
      }
      return false;
    } catch (IOException closed) {
      return true;
    }
  }

  /**
   * Sends a beginning, then a byte each time nothing has come; how many until the server ended it.
   */
  public int trickle(String beginning, Duration every) {
    int sent = 0;
    try {
      socket.setSoTimeout((int) every.toMillis());
      send(beginning);
      while (!hasEnded()) {
        send("a");
        sent++;
      }
    } catch (SocketException reset) {
      return sent;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sent;
  }

  private boolean hasEnded() throws IOException {
    try {
      var unused = socket.getInputStream().read();
      return true;
    } catch (SocketTimeoutException nothing) {
      return false;
    }
  }

  /** Goes without a word, as a process does that is killed with data unread. */
  public void vanish() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
