package io.sluice.backbone.runtime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.Dim;
import io.sluice.backbone.graph.Value;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A compiled model. Thread-safe: any number of threads may run it at once, and close it while
 * others do.
 *
 * <p>Tensors are checked against the model's declaration before each run; mistakes are {@link
 * IllegalArgumentException}s, refusals of the runtime {@link SluiceException}s.
 */
public final class OnnxSession implements AutoCloseable {
  private final OnnxRuntime runtime;
  private final OrtSession session;
  private final Map<String, Slot> inputs;
  private final Map<String, Slot> outputs;

  /** Shut by close; the last one out frees the native session. */
  private final RunGate gate = new RunGate();

  private OnnxSession(
      OnnxRuntime runtime,
      OrtSession session,
      Map<String, Slot> inputs,
      Map<String, Slot> outputs) {
    this.runtime = runtime;
    this.session = session;
    this.inputs = inputs;
    this.outputs = outputs;
    runtime.opened();
  }

  /** Takes over {@code session}, and closes it when it is refused. */
  static OnnxSession of(OnnxRuntime runtime, OrtSession session) throws OrtException {
    try {
      return new OnnxSession(
          runtime, session, slots(session.getInputInfo()), slots(session.getOutputInfo()));
    } catch (OrtException | RuntimeException | Error e) {
      session.close();
      throw e;
    }
  }

  /** The inputs in the order of the model. */
  public List<Value> inputs() {
    return inputs.values().stream().map(Slot::value).toList();
  }

  /** The outputs in the order of the model. */
  public List<Value> outputs() {
    return outputs.values().stream().map(Slot::value).toList();
  }

  /** Whether there is an input of that name. */
  public boolean takes(String input) {
    return inputs.containsKey(input);
  }

  /**
   * Computes the given outputs into the given tensors. Nothing is allocated for results; outputs
   * that are not named are not computed for the caller. On a runtime with {@link
   * OnnxRuntime#onDeviceMemory device memory} the results are there once {@link TensorMemory#await}
   * has returned.
   */
  public void run(
      Map<String, ? extends Tensor> inputTensors, Map<String, ? extends Tensor> outputTensors) {
    Map<String, OnnxTensor> fed = inputHandles(inputTensors);
    Map<String, OnnxTensor> pinned = outputHandles(outputTensors);
    enter();
    try {
      // Results are in the caller's memory: the result object owns nothing.
      session.run(fed, Set.of(), pinned, runtime.runOptions()).close();
    } catch (OrtException e) {
      throw OrtFailures.running(e);
    } finally {
      leave();
    }
  }

  /**
   * Computes the outputs named in {@code wanted} into memory of the runtime, which the caller must
   * close.
   */
  public Results run(Map<String, ? extends Tensor> inputTensors, Collection<String> wanted) {
    Map<String, OnnxTensor> fed = inputHandles(inputTensors);
    Set<String> names = new LinkedHashSet<>(wanted);
    for (String name : names) {
      slot(outputs, name, "output");
    }
    if (names.isEmpty()) {
      throw new IllegalArgumentException(
          "wanted: none (expected: some of " + outputs.keySet() + ")");
    }
    enter();
    try {
      return new Results(runtime, session.run(fed, names));
    } catch (OrtException e) {
      throw OrtFailures.running(e);
    } finally {
      leave();
    }
  }

  /**
   * Ends the profile that {@link SessionSettings#withProfile} began.
   *
   * @return the file, in the JSON of Chrome's trace viewer
   */
  public Path endProfile() {
    enter();
    try {
      return Path.of(session.endProfiling());
    } catch (OrtException e) {
      throw OrtFailures.internal("profile", e);
    } finally {
      leave();
    }
  }

  /**
   * Refuses runs from now on and waits for nothing: native memory is freed now, or when the last
   * run under way ends.
   */
  @Override
  public void close() {
    if (!gate.enter()) {
      return;
    }
    gate.shut();
    leaveSession();
  }

  private void enter() {
    if (!gate.enter()) {
      throw new IllegalStateException("session: closed (expected: open)");
    }
    try {
      runtime.enter();
    } catch (SluiceException e) {
      leaveSession();
      throw e;
    }
  }

  private void leave() {
    runtime.leave();
    leaveSession();
  }

  private void leaveSession() {
    if (gate.leave()) {
      release();
    }
  }

  private void release() {
    try {
      session.close();
    } catch (OrtException e) {
      throw OrtFailures.internal("close", e);
    } finally {
      runtime.closed();
    }
  }

  private Map<String, OnnxTensor> inputHandles(Map<String, ? extends Tensor> tensors) {
    Map<String, OnnxTensor> handles = handles(inputs, tensors, "input");
    if (handles.size() != inputs.size()) {
      Set<String> missing = new LinkedHashSet<>(inputs.keySet());
      missing.removeAll(tensors.keySet());
      throw new IllegalArgumentException(
          "inputs: without " + missing + " (expected: all of " + inputs.keySet() + ")");
    }
    return handles;
  }

  private Map<String, OnnxTensor> outputHandles(Map<String, ? extends Tensor> tensors) {
    if (tensors.isEmpty()) {
      throw new IllegalArgumentException(
          "outputs: none (expected: some of " + outputs.keySet() + ")");
    }
    for (Map.Entry<String, ? extends Tensor> entry : tensors.entrySet()) {
      if (entry.getValue().isReadOnly()) {
        throw new IllegalArgumentException(
            entry.getKey() + ": read-only memory (expected: writable)");
      }
    }
    return handles(outputs, tensors, "output");
  }

  private static Map<String, OnnxTensor> handles(
      Map<String, Slot> slots, Map<String, ? extends Tensor> tensors, String kind) {
    Map<String, OnnxTensor> handles = new HashMap<>(2 * tensors.size());
    for (Map.Entry<String, ? extends Tensor> entry : tensors.entrySet()) {
      slot(slots, entry.getKey(), kind).require(entry.getValue());
      handles.put(entry.getKey(), entry.getValue().handle());
    }
    return handles;
  }

  private static Slot slot(Map<String, Slot> slots, String name, String kind) {
    Slot slot = slots.get(name);
    if (slot == null) {
      throw new IllegalArgumentException(
          kind + ": " + name + " (expected: one of " + slots.keySet() + ")");
    }
    return slot;
  }

  private static Map<String, Slot> slots(Map<String, NodeInfo> infos) {
    Map<String, Slot> slots = new LinkedHashMap<>();
    infos.forEach((name, info) -> slots.put(name, new Slot(value(name, info))));
    return slots;
  }

  private static Value value(String name, NodeInfo info) {
    if (!(info.getInfo() instanceof TensorInfo tensor)) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "model: value " + name + ": " + info.getInfo() + " (expected: a tensor)");
    }
    long[] sizes = tensor.getShape();
    String[] symbols = tensor.getDimensionNames();
    List<Dim> dims = new ArrayList<>(sizes.length);
    for (int i = 0; i < sizes.length; i++) {
      dims.add(sizes[i] >= 0 ? new Dim.Known(sizes[i]) : new Dim.Symbol(symbols[i]));
    }
    return new Value(name, ElementTypes.of(tensor), dims);
  }
}
