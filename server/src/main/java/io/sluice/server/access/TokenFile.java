package io.sluice.server.access;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The tokens a server knows, by their hashes: a line each, {@code sha256:HEX ROLE [NAME]}; lines
 * that are empty or begin with {@code #} say nothing. Immutable.
 */
final class TokenFile {
  static final String SCHEME = "sha256:";

  private static final Pattern LINE =
      Pattern.compile(
          SCHEME + "([0-9a-f]{64})\\s+(" + Role.names("|") + ")(?:\\s+([A-Za-z0-9._-]{1,63}))?");
  private static final int NAME_CHARS = 8;

  @SuppressWarnings("ArrayRecordComponent") // private, and never compared as a whole
  private record Known(byte[] hash, Grant grant) {}

  private final List<Known> tokens;

  private TokenFile(List<Known> tokens) {
    this.tokens = List.copyOf(tokens);
  }

  /**
   * Reads a file.
   *
   * @throws SluiceException INVALID_ARGUMENT for a line that is none, NOT_FOUND for no such file
   */
  static TokenFile read(Path file) {
    List<Known> tokens = new ArrayList<>();
    List<String> lines = lines(file);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        String at = file + ":" + (i + 1);
        Known token = parse(line, at);
        if (tokens.stream().anyMatch(other -> Arrays.equals(other.hash, token.hash))) {
          throw invalid(at + ": a token that was there before (expected: each once)");
        }
        tokens.add(token);
      }
    }
    if (tokens.isEmpty()) {
      throw invalid(file + ": no tokens (expected: one or more; sluice token create prints one)");
    }
    return new TokenFile(tokens);
  }

  /** What {@code token} allows, or null for an unknown one. Takes as long whichever it is. */
  @Nullable Grant find(AccessToken token) {
    byte[] hash = token.hash();
    Grant found = null;
    for (Known known : tokens) {
      if (MessageDigest.isEqual(known.hash, hash)) {
        found = known.grant;
      }
    }
    return found;
  }

  private static Known parse(String line, String at) {
    Matcher parts = LINE.matcher(line);
    if (!parts.matches()) {
      // What stands there may be a secret that was put in by mistake: not repeated.
      throw invalid(
          at + ": not a token's line (expected: sha256:HEX " + Role.names("|") + " [NAME])");
    }
    String hex = parts.group(1);
    String name = parts.group(3) == null ? hex.substring(0, NAME_CHARS) : parts.group(3);
    Role role = Role.valueOf(parts.group(2).toUpperCase(Locale.ROOT));
    return new Known(HexFormat.of().parseHex(hex), new Grant(role, name));
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (MalformedInputException e) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, file + ": not text (expected: a file of tokens)", e);
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.NOT_FOUND, file + ": not read: " + e + " (expected: a file of tokens)", e);
    }
  }

  private static SluiceException invalid(String message) {
    return new SluiceException(ErrorCode.INVALID_ARGUMENT, message);
  }
}
