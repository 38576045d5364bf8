package io.sluice.backbone;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.importer.InputRole;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A model as its exporter wrote it, fed by what its inputs are for. Does not own the session. */
final class UncutModel {
  private final OnnxSession session;
  private final OnnxRuntime runtime;

  UncutModel(OnnxSession session, OnnxRuntime runtime) {
    this.session = session;
    this.runtime = runtime;
  }

  /** All outputs that are FLOAT (rows, tokens, hiddenSize). */
  List<TensorData> hiddenStates(SampleBatch batch, int hiddenSize) {
    List<String> names =
        session.outputs().stream()
            .filter(output -> output.type() == DataType.FLOAT)
            .map(Value::name)
            .toList();
    List<TensorData> hidden = new ArrayList<>();
    for (TensorData output : CutForward.run(session, inputs(batch), names, runtime).values()) {
      long[] shape = output.shape();
      if (shape.length == 3
          && shape[0] == batch.rows()
          && shape[1] == batch.tokens()
          && shape[2] == hiddenSize) {
        hidden.add(output);
      }
    }
    return hidden;
  }

  private Map<String, TensorData> inputs(SampleBatch batch) {
    Map<String, TensorData> inputs = new HashMap<>();
    for (Value input : session.inputs()) {
      InputRole role = InputRole.of(input.name());
      if (role == null) {
        throw new SluiceException(
            ErrorCode.INVALID_ARGUMENT,
            "input " + input.name() + ": unknown (expected: an encoder's input)");
      }
      inputs.put(input.name(), typed(values(role, batch), input.type(), batch));
    }
    return inputs;
  }

  private static long[] values(InputRole role, SampleBatch batch) {
    return switch (role) {
      case INPUT_IDS -> batch.ids();
      case ATTENTION_MASK -> batch.mask();
      case TOKEN_TYPE_IDS -> batch.typeIds();
      case POSITION_IDS -> {
        long[] positions = new long[batch.ids().length];
        for (int i = 0; i < positions.length; i++) {
          positions[i] = i % batch.tokens();
        }
        yield positions;
      }
    };
  }

  private static TensorData typed(long[] values, DataType type, SampleBatch batch) {
    if (type == DataType.INT64) {
      return TensorData.longs(values, batch.rows(), batch.tokens());
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * type.sizeBytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      switch (type) {
        case INT32 -> bytes.putInt((int) value);
        case FLOAT -> bytes.putFloat((float) value);
        case BOOL -> bytes.put((byte) value);
        default ->
            throw new SluiceException(
                ErrorCode.INVALID_ARGUMENT,
                "inputs: " + type + " (expected: INT64, INT32, FLOAT or BOOL)");
      }
    }
    return TensorData.bytes(type, bytes.flip(), batch.rows(), batch.tokens());
  }
}
