package io.sluice.server.oip;

import com.google.protobuf.ByteString;
import io.sluice.proto.inference.InferTensorContents;
import io.sluice.proto.inference.ModelInferResponse.InferOutputTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Tensors of a reply, a row for each text, and their raw form. */
final class Tensors {
  static final String BYTES = "BYTES";
  static final String FP32 = "FP32";
  static final String BOOL = "BOOL";
  static final String UINT32 = "UINT32";

  private Tensors() {}

  static InferOutputTensor texts(String name, List<String> rows) {
    InferTensorContents.Builder contents = contents();
    rows.forEach(row -> contents.addBytesContents(ByteString.copyFromUtf8(row)));
    return tensor(name, BYTES, contents, rows.size());
  }

  static InferOutputTensor floats(String name, List<Float> rows) {
    return tensor(name, FP32, contents().addAllFp32Contents(rows), rows.size());
  }

  static InferOutputTensor booleans(String name, List<Boolean> rows) {
    return tensor(name, BOOL, contents().addAllBoolContents(rows), rows.size());
  }

  static InferOutputTensor counts(String name, List<Integer> rows) {
    return tensor(name, UINT32, contents().addAllUintContents(rows), rows.size());
  }

  /**
   * Shape (rows, columns).
   *
   * @param values row after row
   */
  static InferOutputTensor floatTable(String name, List<Float> values, int columns) {
    return tensor(
        name, FP32, contents().addAllFp32Contents(values), values.size() / columns, columns);
  }

  /**
   * Shape (rows, columns).
   *
   * @param values row after row
   */
  static InferOutputTensor booleanTable(String name, List<Boolean> values, int columns) {
    return tensor(
        name, BOOL, contents().addAllBoolContents(values), values.size() / columns, columns);
  }

  /** The values one after another, lowest byte first; before a text, its length in four bytes. */
  static ByteString raw(InferOutputTensor tensor) {
    InferTensorContents contents = tensor.getContents();
    int sizeBytes =
        contents.getBytesContentsList().stream().mapToInt(text -> Integer.BYTES + text.size()).sum()
            + Float.BYTES * contents.getFp32ContentsCount()
            + Integer.BYTES * contents.getUintContentsCount()
            + contents.getBoolContentsCount();
    ByteBuffer raw = ByteBuffer.allocate(sizeBytes).order(ByteOrder.LITTLE_ENDIAN);
    contents
        .getBytesContentsList()
        .forEach(text -> raw.putInt(text.size()).put(text.asReadOnlyByteBuffer()));
    contents.getFp32ContentsList().forEach(raw::putFloat);
    contents.getUintContentsList().forEach(raw::putInt);
    contents.getBoolContentsList().forEach(value -> raw.put((byte) (value ? 1 : 0)));
    return ByteString.copyFrom(raw.flip());
  }

  private static InferTensorContents.Builder contents() {
    return InferTensorContents.newBuilder();
  }

  private static InferOutputTensor tensor(
      String name, String datatype, InferTensorContents.Builder contents, long... shape) {
    InferOutputTensor.Builder tensor =
        InferOutputTensor.newBuilder().setName(name).setDatatype(datatype).setContents(contents);
    for (long size : shape) {
      tensor.addShape(size);
    }
    return tensor.build();
  }
}
