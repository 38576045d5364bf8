package io.sluice.backbone.graph;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;

/** Element type of a tensor, with its ONNX code and its width. */
public enum DataType {
  FLOAT(1, 4),
  FLOAT16(10, 2),
  BFLOAT16(16, 2),
  DOUBLE(11, 8),
  INT8(3, 1),
  UINT8(2, 1),
  INT16(5, 2),
  UINT16(4, 2),
  INT32(6, 4),
  UINT32(12, 4),
  INT64(7, 8),
  UINT64(13, 8),
  BOOL(9, 1),
  /** Only as the declared type of a value: {@link TensorData} holds no strings. */
  STRING(8, 0);

  private final int onnxCode;
  private final int sizeBytes;

  DataType(int onnxCode, int sizeBytes) {
    this.onnxCode = onnxCode;
    this.sizeBytes = sizeBytes;
  }

  /** The code in {@code TensorProto.DataType}. */
  public int onnxCode() {
    return onnxCode;
  }

  /** Bytes of one element; 0 for {@link #STRING}. */
  public int sizeBytes() {
    return sizeBytes;
  }

  /**
   * The type with the given ONNX code; refuses codes that are not listed here (4-bit, 8-bit float,
   * complex types).
   */
  public static DataType ofOnnxCode(int code) {
    for (DataType type : values()) {
      if (type.onnxCode == code) {
        return type;
      }
    }
    throw new SluiceException(
        ErrorCode.INVALID_ARGUMENT,
        "ONNX data type: " + code + " (expected: a plain float, integer, bool or string type)");
  }
}
