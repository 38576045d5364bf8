package io.sluice.registry.bundle;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The blocks of a PEM file (RFC 7468), in order; what stands between them is left out. */
final class PemBlocks {
  static final String PUBLIC = "PUBLIC KEY";
  static final String PRIVATE = "PRIVATE KEY";

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");
  private static final long MOST_BYTES = 1 << 20;
  private static final int LINE_CHARS = 64;

  private PemBlocks() {}

  /** The contents of all blocks of that label. */
  static List<byte[]> read(Path file, String label) {
    List<byte[]> found = new ArrayList<>();
    Matcher blocks = BLOCK.matcher(text(file));
    while (blocks.find()) {
      if (blocks.group(1).equals(label)) {
        try {
          found.add(Base64.getMimeDecoder().decode(blocks.group(2)));
        } catch (IllegalArgumentException e) {
          throw new SluiceException(
              ErrorCode.INVALID_ARGUMENT, file + ": not base64 (expected: PEM, " + label + ")", e);
        }
      }
    }
    return found;
  }

  static String write(String label, byte[] content) {
    String text =
        Base64.getMimeEncoder(LINE_CHARS, "\n".getBytes(StandardCharsets.US_ASCII))
            .encodeToString(content);
    return "-----BEGIN " + label + "-----\n" + text + "\n-----END " + label + "-----\n";
  }

  private static String text(Path file) {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new SluiceException(
            ErrorCode.INVALID_ARGUMENT,
            file + ": " + Files.size(file) + " bytes (expected: a PEM file)");
      }
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.NOT_FOUND, file + ": not read: " + e + " (expected: a PEM file)", e);
    }
  }
}
