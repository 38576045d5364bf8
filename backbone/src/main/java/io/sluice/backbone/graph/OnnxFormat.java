package io.sluice.backbone.graph;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The ONNX file format of {@link Graph}.
 *
 * <p>Reading keeps what computes and drops what does not (doc strings, metadata, shapes of inner
 * tensors). It refuses what a graph of ours cannot say: sparse and string weights, 4-bit and
 * complex types, functions local to a model. Weights are views of the bytes read. Writing is
 * canonical: equal graphs give equal bytes, weights are inside the file. Thread-safe.
 */
public final class OnnxFormat {
  /** Protobuf's own limit for a message. */
  private static final long MAX_BYTES = Integer.MAX_VALUE - (1L << 16);

  private OnnxFormat() {}

  /**
   * Reads a model file; external data is looked for below the folder of the file and nowhere else.
   */
  public static Graph read(Path file) {
    byte[] bytes;
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw new SluiceException(
            ErrorCode.INVALID_ARGUMENT,
            file
                + ": size: "
                + size
                + " bytes (expected: below 2 GiB; larger models keep weights as external data)");
      }
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new SluiceException(
          ErrorCode.NOT_FOUND, file + ": no such file (expected: an ONNX model)", e);
    } catch (IOException e) {
      throw new SluiceException(ErrorCode.INVALID_ARGUMENT, file + ": cannot be read: " + e, e);
    }
    Path parent = file.toAbsolutePath().getParent();
    return read(file.toString(), bytes, parent == null ? null : new ExternalData(parent));
  }

  /**
   * Reads a model without external data; the graph's weights are views of {@code model}, which must
   * not change.
   */
  public static Graph read(byte[] model) {
    return read("model", model, null);
  }

  /** The canonical bytes of the graph. */
  public static byte[] write(Graph graph) {
    requireWritable(graph);
    return GraphWriter.model(graph).toByteArray();
  }

  /** Writes the canonical bytes to a file, which is replaced. */
  public static void write(Graph graph, Path file) {
    requireWritable(graph);
    try (OutputStream out = Files.newOutputStream(file)) {
      GraphWriter.model(graph).writeTo(out);
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION, file + ": cannot be written: " + e, e);
    }
  }

  private static Graph read(String source, byte[] bytes, @Nullable ExternalData external) {
    try {
      CodedInputStream in = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
      in.enableAliasing(true);
      return new GraphReader(external).model(OnnxMl.ModelProto.parseFrom(in));
    } catch (InvalidProtocolBufferException e) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          source + ": not an ONNX model or cut short: " + e.getMessage(),
          e);
    } catch (IOException e) {
      throw new SluiceException(ErrorCode.INVALID_ARGUMENT, source + ": cannot be read: " + e, e);
    } catch (SluiceException e) {
      throw new SluiceException(e.code(), source + ": " + e.getMessage(), e);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new SluiceException(ErrorCode.INVALID_ARGUMENT, source + ": " + e.getMessage(), e);
    }
  }

  private static void requireWritable(Graph graph) {
    long bytes = graph.initializerBytes();
    if (bytes > MAX_BYTES) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "graph "
              + graph.name()
              + ": initializers: "
              + bytes
              + " bytes (expected: below 2 GiB, the limit of the format)");
    }
  }
}
