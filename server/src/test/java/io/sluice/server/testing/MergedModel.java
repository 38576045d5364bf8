package io.sluice.server.testing;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.Results;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.registry.bundle.AdapterAbi;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * The oracle: backbone, adapters and head of one task joined to one graph with its weights inside,
 * run row by row in one plain session. Confined to one thread.
 */
public final class MergedModel implements AutoCloseable {
  private final OnnxRuntime runtime;
  private final OnnxSession session;

  public MergedModel(
      Backbone backbone, SortedMap<Integer, Graph> points, Graph head, OnnxRuntime runtime) {
    this.runtime = runtime;
    this.session = runtime.open(merge(backbone, points, head), SessionSettings.defaults());
  }

  /** Logits of one unpadded row; for a span the start logits and then the end logits. */
  public float[] logits(long[] ids, long[] typeIds) {
    long[] ones = new long[ids.length];
    Arrays.fill(ones, 1);
    Map<String, long[]> values =
        Map.of("input_ids", ids, "attention_mask", ones, "token_type_ids", typeIds);
    Map<String, HostTensor> inputs = new HashMap<>();
    for (Value input : session.inputs()) {
      inputs.put(
          input.name(),
          HostTensor.longs(runtime, requireNonNull(values.get(input.name())), 1, ids.length));
    }
    List<String> outputs = session.outputs().stream().map(Value::name).toList();
    try (Results results = session.run(inputs, outputs)) {
      List<float[]> found = outputs.stream().map(name -> results.get(name).toFloats()).toList();
      int length = found.get(0).length;
      float[] logits = Arrays.copyOf(found.get(0), outputs.size() * length);
      for (int i = 1; i < outputs.size(); i++) {
        System.arraycopy(found.get(i), 0, logits, i * length, length);
      }
      return logits;
    } finally {
      inputs.values().forEach(HostTensor::close);
    }
  }

  @Override
  public void close() {
    session.close();
  }

  private static Graph merge(Backbone backbone, SortedMap<Integer, Graph> points, Graph head) {
    Map<String, Long> opsets = new HashMap<>(backbone.whole().opsets());
    opsets.put("com.microsoft", 1L);
    GraphBuilder b = new GraphBuilder("merged", opsets);
    Map<String, String> inputs = new HashMap<>();
    backbone.whole().inputs().forEach(input -> inputs.put(input.name(), b.input(input)));
    inputs.computeIfAbsent(AdapterAbi.ATTENTION_MASK, name -> b.input(AdapterAbi.attentionMask()));
    Map<String, String> context = append(b, backbone.prologue(), inputs);
    String hidden = context.get(Backbone.PROLOGUE_OUTPUT);
    for (int point = 1; point <= backbone.points(); point++) {
      Map<String, String> here = new HashMap<>(context);
      here.put(Backbone.BLOCK_INPUT, hidden);
      String output = append(b, backbone.block(point), here).get(Backbone.BLOCK_OUTPUT);
      Graph adapter = points.get(point);
      if (adapter != null) {
        Map<String, String> around =
            Map.of(AdapterAbi.BLOCK_INPUT, hidden, AdapterAbi.BLOCK_OUTPUT, output);
        output = append(b, adapter, around).get(AdapterAbi.ADAPTED);
      }
      hidden = output;
    }
    Graph epilogue = backbone.epilogue();
    if (epilogue != null) {
      Map<String, String> last = Map.of(Backbone.BLOCK_INPUT, hidden);
      hidden = append(b, epilogue, last).get(Backbone.EPILOGUE_OUTPUT);
    }
    Map<String, String> top =
        Map.of(
            AdapterAbi.HIDDEN,
            hidden,
            AdapterAbi.ATTENTION_MASK,
            inputs.get(AdapterAbi.ATTENTION_MASK));
    Map<String, String> logits = append(b, head, top);
    head.outputs().forEach(out -> b.outputAs(requireNonNull(logits.get(out.name())), out));
    return b.build();
  }

  /** Appends {@code part}, binding those of {@code known} that it takes. */
  private static Map<String, String> append(GraphBuilder b, Graph part, Map<String, String> known) {
    Map<String, String> binding = new HashMap<>();
    part.inputs().forEach(input -> binding.put(input.name(), known.get(input.name())));
    return b.append(part, binding);
  }
}
