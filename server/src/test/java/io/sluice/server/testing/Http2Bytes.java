package io.sluice.server.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.sluice.server.access.AccessToken;
import java.io.ByteArrayOutputStream;

/** What a client of gRPC sends, written by hand: one call on one connection of HTTP/2. */
public final class Http2Bytes {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;

  private Http2Bytes() {}

  /** Preface, empty settings, headers without compression, one message. */
  public static byte[] call(String method, AccessToken token, byte[] message) {
    ByteArrayOutputStream headers = new ByteArrayOutputStream();
    header(headers, ":method", "POST");
    header(headers, ":scheme", "http");
    header(headers, ":authority", "x");
    header(headers, ":path", "/" + method);
    header(headers, "content-type", "application/grpc");
    header(headers, "te", "trailers");
    header(headers, "authorization", "Bearer " + token.secret());
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII));
    frame(all, SETTINGS, 0, 0, new byte[0]);
    frame(all, HEADERS, END_HEADERS, 1, headers.toByteArray());
    frame(all, DATA, END_STREAM, 1, BareClient.framed(message));
    return all.toByteArray();
  }

  /** A literal that is not indexed, both parts as they are (RFC 7541, 6.2.2). */
  private static void header(ByteArrayOutputStream out, String name, String value) {
    out.write(0);
    out.write(name.length());
    out.writeBytes(name.getBytes(US_ASCII));
    out.write(value.length());
    out.writeBytes(value.getBytes(US_ASCII));
  }

  private static void frame(
      ByteArrayOutputStream out, int type, int flags, int stream, byte[] payload) {
    out.writeBytes(
        new byte[] {
          (byte) (payload.length >> 16),
          (byte) (payload.length >> 8),
          (byte) payload.length,
          (byte) type,
          (byte) flags,
          0,
          0,
          0,
          (byte) stream
        });
    out.writeBytes(payload);
  }
}
