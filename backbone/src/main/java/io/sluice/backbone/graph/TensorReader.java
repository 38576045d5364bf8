package io.sluice.backbone.graph;

import ai.onnx.proto.OnnxMl.TensorProto;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** Tensor messages, in any of their storage forms, to {@link TensorData}. */
final class TensorReader {
  private final @Nullable ExternalData external;

  TensorReader(@Nullable ExternalData external) {
    this.external = external;
  }

  TensorData read(TensorProto tensor) {
    String name = tensor.getName();
    try {
      DataType type = DataType.ofOnnxCode(tensor.getDataType());
      if (type == DataType.STRING || tensor.hasSegment()) {
        throw GraphReader.refused(
            "type: " + type + (tensor.hasSegment() ? ", in segments" : ""),
            "a whole tensor of numbers");
      }
      long[] shape = tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
      return TensorData.bytes(type, data(tensor, type, shape), shape);
    } catch (SluiceException e) {
      String message = e.getMessage();
      throw message != null && message.startsWith("tensor ")
          ? e
          : new SluiceException(e.code(), "tensor " + name + ": " + message, e);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "tensor " + name + ": " + e.getMessage(), e);
    }
  }

  private ByteBuffer data(TensorProto tensor, DataType type, long[] shape) {
    if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      if (external == null) {
        throw GraphReader.refused(
            "external data", "data inside the model, as it was given as bytes and has no folder");
      }
      long sizeBytes = type.sizeBytes();
      for (long size : shape) {
        sizeBytes = Math.multiplyExact(sizeBytes, size);
      }
      return external.read(tensor.getName(), tensor.getExternalDataList(), sizeBytes);
    }
    return tensor.hasRawData() ? tensor.getRawData().asReadOnlyByteBuffer() : typed(tensor, type);
  }

  /** The elements of the field that the type is stored in (onnx.proto, TensorProto). */
  private static ByteBuffer typed(TensorProto tensor, DataType type) {
    int count =
        switch (type) {
          case FLOAT -> tensor.getFloatDataCount();
          case DOUBLE -> tensor.getDoubleDataCount();
          case INT64 -> tensor.getInt64DataCount();
          case UINT32, UINT64 -> tensor.getUint64DataCount();
          default -> tensor.getInt32DataCount();
        };
    ByteBuffer data =
        ByteBuffer.allocate(Math.multiplyExact(count, type.sizeBytes()))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      switch (type) {
        case FLOAT -> data.putFloat(tensor.getFloatData(i));
        case DOUBLE -> data.putDouble(tensor.getDoubleData(i));
        case INT64 -> data.putLong(tensor.getInt64Data(i));
        case UINT64 -> data.putLong(tensor.getUint64Data(i));
        case UINT32 -> data.putInt((int) tensor.getUint64Data(i));
        case INT32 -> data.putInt(tensor.getInt32Data(i));
        case FLOAT16, BFLOAT16, INT16, UINT16 -> data.putShort((short) tensor.getInt32Data(i));
        case INT8, UINT8, BOOL -> data.put((byte) tensor.getInt32Data(i));
        case STRING -> throw GraphReader.refused("type: " + type, "a tensor of numbers");
      }
    }
    return data.flip();
  }
}
