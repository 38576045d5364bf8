package io.sluice.server.oip;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.proto.inference.ModelInferRequest;
import io.sluice.proto.inference.ModelInferRequest.InferInputTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The texts of a request, a tensor for each text field of the task, all of as many rows.
 *
 * @param byField in the order of the task's fields
 */
record TextInputs(List<List<String>> byField) {
  TextInputs {
    byField = List.copyOf(byField);
  }

  /**
   * Reads tensors of datatype BYTES and shape (rows) or (rows, 1), given one by one or raw.
   *
   * @param fields names the task gives its texts
   */
  static TextInputs of(ModelInferRequest request, List<String> fields) {
    boolean raw = request.getRawInputContentsCount() > 0;
    if (raw && request.getRawInputContentsCount() != request.getInputsCount()) {
      throw invalid(
          "raw_input_contents: "
              + request.getRawInputContentsCount()
              + " (expected: "
              + request.getInputsCount()
              + ", one for each input)");
    }
    Map<String, List<String>> given = new LinkedHashMap<>();
    for (int i = 0; i < request.getInputsCount(); i++) {
      InferInputTensor input = request.getInputs(i);
      String at = "inputs[" + i + "]";
      if (!fields.contains(input.getName()) || given.containsKey(input.getName())) {
        throw invalid(
            at + ".name: \"" + input.getName() + "\" (expected: each of " + fields + " once)");
      }
      requireTexts(at, input, raw);
      List<ByteString> texts =
          raw
              ? split(at, request.getRawInputContents(i))
              : input.getContents().getBytesContentsList();
      if (texts.size() != input.getShape(0)) {
        throw invalid(at + ": " + texts.size() + " texts (expected: " + input.getShape(0) + ")");
      }
      given.put(input.getName(), decoded(at, texts));
    }
    List<List<String>> byField = new ArrayList<>();
    for (String field : fields) {
      List<String> texts = given.get(field);
      if (texts == null) {
        throw invalid("inputs: no \"" + field + "\" (expected: each of " + fields + ")");
      }
      if (!byField.isEmpty() && texts.size() != byField.get(0).size()) {
        throw invalid(
            "inputs: "
                + texts.size()
                + " rows of \""
                + field
                + "\" (expected: "
                + byField.get(0).size()
                + ", as of \""
                + fields.get(0)
                + "\")");
      }
      byField.add(texts);
    }
    return new TextInputs(byField);
  }

  int rows() {
    return byField.get(0).size();
  }

  /** One text of one row. */
  String text(int field, int row) {
    return byField.get(field).get(row);
  }

  private static void requireTexts(String at, InferInputTensor input, boolean raw) {
    if (!input.getDatatype().equals(Tensors.BYTES)) {
      throw invalid(
          at + ".datatype: \"" + input.getDatatype() + "\" (expected: \"" + Tensors.BYTES + "\")");
    }
    List<Long> shape = input.getShapeList();
    boolean column = shape.size() == 2 && shape.get(1) == 1;
    if (!(shape.size() == 1 || column) || shape.get(0) < 1) {
      throw invalid(at + ".shape: " + shape + " (expected: [rows] or [rows, 1])");
    }
    if (raw && input.hasContents()) {
      throw invalid(at + ".contents: given (expected: none beside raw_input_contents)");
    }
  }

  private static List<ByteString> split(String at, ByteString raw) {
    ByteBuffer bytes = raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    List<ByteString> texts = new ArrayList<>();
    while (bytes.hasRemaining()) {
      int length = bytes.remaining() < Integer.BYTES ? -1 : bytes.getInt();
      if (length < 0 || length > bytes.remaining()) {
        throw invalid(
            "raw contents of "
                + at
                + ": "
                + bytes.remaining()
                + " bytes at text "
                + texts.size()
                + " (expected: a length in 4 bytes, then as many bytes)");
      }
      texts.add(raw.substring(bytes.position(), bytes.position() + length));
      bytes.position(bytes.position() + length);
    }
    return texts;
  }

  private static List<String> decoded(String at, List<ByteString> texts) {
    List<String> decoded = new ArrayList<>(texts.size());
    for (ByteString text : texts) {
      try {
        decoded.add(
            StandardCharsets.UTF_8.newDecoder().decode(text.asReadOnlyByteBuffer()).toString());
      } catch (CharacterCodingException e) {
        throw new SluiceException(
            ErrorCode.INVALID_ARGUMENT,
            at + ": text " + decoded.size() + " not UTF-8 (expected: text in UTF-8)",
            e);
      }
    }
    return decoded;
  }

  static SluiceException invalid(String message) {
    return new SluiceException(ErrorCode.INVALID_ARGUMENT, requireNonNull(message, "message"));
  }
}
