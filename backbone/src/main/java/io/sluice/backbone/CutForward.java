package io.sluice.backbone;

import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.Results;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs the parts of a backbone one after another, plainly: the reference for how they fit together.
 */
final class CutForward {
  private final BackboneSessions sessions;
  private final OnnxRuntime runtime;

  CutForward(BackboneSessions sessions, OnnxRuntime runtime) {
    this.sessions = sessions;
    this.runtime = runtime;
  }

  /** Boundary 0 and the context, by the names of the prologue's outputs. */
  Map<String, TensorData> prologue(SampleBatch batch) {
    List<String> outputs = new ArrayList<>(List.of(Backbone.PROLOGUE_OUTPUT));
    sessions.backbone().context().forEach(tensor -> outputs.add(tensor.name()));
    return run(
        sessions.prologue(), batch.inputs(sessions.backbone().inputNames()), outputs, runtime);
  }

  /** Block {@code k} on {@code hidden}. */
  TensorData block(int k, TensorData hidden, Map<String, TensorData> context) {
    return part(sessions.block(k), hidden, context, Backbone.BLOCK_OUTPUT);
  }

  /** All blocks and the epilogue on what {@link #prologue} gave. */
  TensorData body(Map<String, TensorData> start) {
    TensorData hidden = require(start, Backbone.PROLOGUE_OUTPUT);
    for (int k = 1; k <= sessions.backbone().points(); k++) {
      hidden = block(k, hidden, start);
    }
    OnnxSession epilogue = sessions.epilogue();
    return epilogue == null ? hidden : part(epilogue, hidden, start, Backbone.EPILOGUE_OUTPUT);
  }

  /**
   * Rows {@code from} to {@code to}, exclusive, of what {@link #prologue} gave, as the engine would
   * slice them.
   */
  Map<String, TensorData> rows(Map<String, TensorData> start, int from, int to) {
    Map<String, TensorData> slice = new HashMap<>(start);
    slice.computeIfPresent(Backbone.PROLOGUE_OUTPUT, (name, data) -> rows(data, from, to));
    for (ContextTensor tensor : sessions.backbone().context()) {
      if (tensor.perRow()) {
        slice.computeIfPresent(tensor.name(), (name, data) -> rows(data, from, to));
      }
    }
    return slice;
  }

  static TensorData rows(TensorData data, int from, int to) {
    long[] shape = data.shape();
    int rowBytes = Math.toIntExact(data.sizeBytes() / shape[0]);
    ByteBuffer bytes = data.bytes();
    bytes.position(from * rowBytes).limit(to * rowBytes);
    shape[0] = (long) to - from;
    return TensorData.bytes(data.type(), bytes, shape);
  }

  static Map<String, TensorData> run(
      OnnxSession session,
      Map<String, TensorData> inputs,
      List<String> outputs,
      OnnxRuntime runtime) {
    Map<String, HostTensor> fed = new HashMap<>();
    try {
      inputs.forEach((name, data) -> fed.put(name, HostTensor.of(runtime, data)));
      try (Results results = session.run(fed, outputs)) {
        Map<String, TensorData> values = new HashMap<>();
        outputs.forEach(name -> values.put(name, results.get(name)));
        return values;
      }
    } finally {
      fed.values().forEach(HostTensor::close);
    }
  }

  static TensorData require(Map<String, TensorData> tensors, String name) {
    TensorData data = tensors.get(name);
    if (data == null) {
      throw new IllegalArgumentException(
          "tensors: " + tensors.keySet() + " (expected: " + name + " among them)");
    }
    return data;
  }

  private TensorData part(
      OnnxSession session, TensorData hidden, Map<String, TensorData> context, String output) {
    Map<String, TensorData> inputs = new HashMap<>();
    session
        .inputs()
        .forEach(
            input -> {
              TensorData given = context.get(input.name());
              if (given != null) {
                inputs.put(input.name(), given);
              }
            });
    inputs.put(Backbone.BLOCK_INPUT, hidden);
    Map<String, TensorData> results = run(session, inputs, List.of(output), runtime);
    return require(results, output);
  }
}
