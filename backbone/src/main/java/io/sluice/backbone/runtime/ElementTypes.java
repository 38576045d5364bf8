package io.sluice.backbone.runtime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.TensorInfo;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.DataType;

/** Our element types against those of ONNX Runtime's Java API. */
final class ElementTypes {
  private ElementTypes() {}

  static DataType of(TensorInfo info) {
    return DataType.ofOnnxCode(info.onnxType.value);
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
