package io.sluice.server.testing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;

/** A forger: puts the signature of one bundle into another, container and checksums intact. */
public final class SignatureSwap {
  private static final byte[] NAME = "signature.ed25519".getBytes(StandardCharsets.US_ASCII);
  private static final int LOCAL = 0x04034b50;
  private static final int LOCAL_BYTES = 30;
  private static final int LOCAL_CRC = 14;
  private static final int LOCAL_EXTRA = 28;
  private static final int CENTRAL_BYTES = 46;
  private static final int CENTRAL_CRC = 16;
  private static final int SIGNATURE_BYTES = 108;

  private SignatureSwap() {}

  /** The bytes of {@code bundle} with the signature in {@code signed}. */
  public static byte[] of(byte[] bundle, byte[] signed) {
    byte[] forged = bundle.clone();
    byte[] signature =
        Arrays.copyOfRange(signed, content(signed), content(signed) + SIGNATURE_BYTES);
    System.arraycopy(signature, 0, forged, content(bundle), SIGNATURE_BYTES);
    CRC32 crc = new CRC32();
    crc.update(signature);
    ByteBuffer file = ByteBuffer.wrap(forged).order(ByteOrder.LITTLE_ENDIAN);
    int local = name(forged, 0);
    file.putInt(local - LOCAL_BYTES + LOCAL_CRC, (int) crc.getValue());
    int central = name(forged, local + 1);
    file.putInt(central - CENTRAL_BYTES + CENTRAL_CRC, (int) crc.getValue());
    return forged;
  }

  private static int content(byte[] bundle) {
    ByteBuffer file = ByteBuffer.wrap(bundle).order(ByteOrder.LITTLE_ENDIAN);
    int name = name(bundle, 0);
    if (file.getInt(name - LOCAL_BYTES) != LOCAL) {
      throw new AssertionError("no local header before the name (expected: one)");
    }
    return name + NAME.length + file.getShort(name - LOCAL_BYTES + LOCAL_EXTRA);
  }

  private static int name(byte[] bundle, int from) {
    for (int at = from; at <= bundle.length - NAME.length; at++) {
      if (Arrays.equals(bundle, at, at + NAME.length, NAME, 0, NAME.length)) {
        return at;
      }
    }
    throw new AssertionError("no signature (expected: a signed bundle)");
  }
}
