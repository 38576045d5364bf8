package io.sluice.backbone.graph;

import static java.util.Objects.requireNonNull;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Weights that lie in files beside a model: read only from below the model's own folder, links
 * followed.
 */
final class ExternalData {
  private final Path folder;

  ExternalData(Path folder) {
    this.folder = requireNonNull(folder, "folder");
  }

  /**
   * The bytes of one tensor of {@code sizeBytes}, as its location, offset and length entries say.
   */
  ByteBuffer read(String tensor, List<StringStringEntryProto> entries, long sizeBytes) {
    Map<String, String> values = new HashMap<>();
    entries.forEach(entry -> values.put(entry.getKey(), entry.getValue()));
    Path file = resolve(tensor, values.get("location"));
    long offset = number(tensor, "offset", values.get("offset"), 0);
    long length = number(tensor, "length", values.get("length"), sizeBytes);
    if (length != sizeBytes || sizeBytes > Integer.MAX_VALUE) {
      throw refused(tensor, "length: " + length, sizeBytes + " from its shape, below 2 GiB");
    }
    try (FileChannel channel = FileChannel.open(file)) {
      if (offset > channel.size() - length) {
        throw refused(
            tensor, file + ": size: " + channel.size(), "at least " + offset + " + " + length);
      }
      ByteBuffer bytes = ByteBuffer.allocate((int) length);
      while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) >= 0) {
        // A read may give less than asked for.
      }
      return bytes.flip();
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "tensor " + tensor + ": " + file + ": cannot be read: " + e,
          e);
    }
  }

  private Path resolve(String tensor, @Nullable String location) {
    if (location == null || location.isEmpty()) {
      throw refused(tensor, "external data location: none", "a relative path");
    }
    try {
      Path relative = Path.of(location);
      Path resolved = folder.resolve(relative).normalize();
      if (relative.isAbsolute() || !resolved.startsWith(folder.normalize())) {
        throw outside(tensor, location);
      }
      if (!Files.isRegularFile(resolved)) {
        throw refused(
            tensor, "external data " + resolved + ": no such file", "the file beside the model");
      }
      if (!resolved.toRealPath().startsWith(folder.toRealPath())) {
        throw outside(tensor, location);
      }
      return resolved;
    } catch (InvalidPathException e) {
      throw outside(tensor, location);
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "tensor " + tensor + ": external data " + location + ": cannot be read: " + e,
          e);
    }
  }

  private static long number(String tensor, String key, @Nullable String value, long absent) {
    if (value == null) {
      return absent;
    }
    try {
      long parsed = Long.parseLong(value);
      if (parsed >= 0) {
        return parsed;
      }
    } catch (NumberFormatException e) {
      // Refused below, with the negative ones.
    }
    throw refused(tensor, "external data " + key + ": " + value, "a number >= 0");
  }

  private static SluiceException outside(String tensor, String location) {
    return refused(
        tensor, "external data location: " + location, "a relative path below the model's folder");
  }

  private static SluiceException refused(String tensor, String found, String expected) {
    return new SluiceException(
        ErrorCode.INVALID_ARGUMENT,
        "tensor " + tensor + ": " + found + " (expected: " + expected + ")");
  }
}
