package io.sluice.backbone.runtime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.TensorInfo;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.DataType;

/** Our element types against those of ONNX Runtime's Java API. */
final class ElementTypes {
  private ElementTypes() {}

  /** By the constant's name: its number is Java's own, not the ONNX code. */
  static DataType of(TensorInfo info) {
    String name = info.onnxType.name().substring("ONNX_TENSOR_ELEMENT_DATA_TYPE_".length());
    try {
      return DataType.valueOf(name);
    } catch (IllegalArgumentException e) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "tensor type: " + name + " (expected: a plain float, integer, bool or string type)",
          e);
    }
  }

  /** The type a tensor is made with from a byte buffer. */
  static OnnxJavaType javaType(DataType type) {
    return switch (type) {
      case FLOAT -> OnnxJavaType.FLOAT;
      case FLOAT16 -> OnnxJavaType.FLOAT16;
      case BFLOAT16 -> OnnxJavaType.BFLOAT16;
      case DOUBLE -> OnnxJavaType.DOUBLE;
      case INT8 -> OnnxJavaType.INT8;
      case UINT8 -> OnnxJavaType.UINT8;
      case INT16 -> OnnxJavaType.INT16;
      case INT32 -> OnnxJavaType.INT32;
      case INT64 -> OnnxJavaType.INT64;
      case BOOL -> OnnxJavaType.BOOL;
      case UINT16, UINT32, UINT64, STRING ->
          throw new SluiceException(
              ErrorCode.INVALID_ARGUMENT,
              "tensor type: " + type + " (expected: one that ONNX Runtime's Java API takes)");
    };
  }
}
