package io.sluice.server.rehearsal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.Digest;
import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.registry.bundle.AdapterAbi;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleFormat;
import io.sluice.registry.bundle.BundleWriter;
import io.sluice.registry.bundle.Cost;
import io.sluice.registry.bundle.HeadEntry;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.PointEntry;
import io.sluice.registry.bundle.Pooling;
import io.sluice.registry.bundle.Probe;
import io.sluice.registry.bundle.Provenance;
import io.sluice.registry.bundle.TaskKind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An encoder that computes next to nothing, two blocks of hidden size 1, and tasks on it. Its
 * tokenizer is a real one. Stateless.
 */
final class SmallEncoder {
  private static final long OPSET = 18;
  private static final int HIDDEN = 1;
  private static final List<String> LABELS = List.of("no", "yes");

  private SmallEncoder() {}

  /** With the tokenizer and the longest row of {@code like}. */
  static Backbone backbone(Backbone like) {
    GraphBuilder b = new GraphBuilder("rehearsal", OPSET);
    String ids = b.input("input_ids", DataType.INT64, "batch", "seq");
    b.input("attention_mask", DataType.INT64, "batch", "seq");
    String numbers =
        b.node("Cast", List.of(ids), Map.of("to", Attribute.of((long) DataType.FLOAT.onnxCode())));
    String start = b.node("Unsqueeze", numbers, b.constant(new long[] {-1}));
    String middle = b.node("Neg", start);
    Value output = Value.of(Backbone.MODEL_OUTPUT, DataType.FLOAT, "batch", "seq", HIDDEN);
    b.outputAs(b.node("Neg", middle), output);
    return new Backbone(
        "rehearsal",
        b.build(),
        List.of(start, middle, output.name()),
        List.of(),
        HIDDEN,
        like.maxPositions(),
        List.of(),
        like.tokenizerJson());
  }

  /**
   * A task of two labels.
   *
   * @param points where it has adapters, ascending; maybe nowhere
   */
  static AdapterBundle bundle(Backbone backbone, List<Integer> points) {
    Graph adapter = adapter();
    List<PointEntry> structure =
        points.stream()
            .map(point -> PointEntry.of(point, "bottleneck_sequential", 1, adapter))
            .toList();
    Graph head = head();
    HeadEntry entry = HeadEntry.of("linear", head);
    Manifest manifest =
        new Manifest(
            BundleFormat.VERSION,
            TaskKind.CLASSIFY,
            LABELS,
            List.of("text"),
            backbone.maxPositions(),
            Pooling.FIRST,
            1.0,
            null,
            backbone.digest(),
            backbone.name(),
            backbone.points(),
            HIDDEN,
            structure,
            entry,
            Cost.of(structure, entry, backbone.points()),
            Map.of(),
            Provenance.here(Digest.of("no data".getBytes(UTF_8)), 0, Map.of(), Map.of()));
    // Nobody holds this bundle to what it says here.
    Probe probe =
        new Probe(List.of(new long[1]), List.of(new long[1]), List.of(new float[LABELS.size()]));
    Map<Integer, Graph> adapters = new HashMap<>();
    points.forEach(point -> adapters.put(point, adapter));
    return BundleWriter.write(manifest, adapters, head, probe, Map.of());
  }

  private static Graph adapter() {
    GraphBuilder b = new GraphBuilder("adapter", OPSET);
    String states = b.input(AdapterAbi.hiddenStates(AdapterAbi.BLOCK_OUTPUT, HIDDEN));
    String weight = b.initializer("weight", TensorData.floats(new float[HIDDEN], HIDDEN, HIDDEN));
    String added = b.node("Add", states, b.node("MatMul", states, weight));
    b.outputAs(added, AdapterAbi.hiddenStates(AdapterAbi.ADAPTED, HIDDEN));
    return b.build();
  }

  private static Graph head() {
    GraphBuilder b = new GraphBuilder("head", OPSET);
    String states = b.input(AdapterAbi.hiddenStates(AdapterAbi.HIDDEN, HIDDEN));
    String first =
        b.node(
            "Gather",
            List.of(states, b.constant(TensorData.scalar(0L))),
            Map.of("axis", Attribute.of(1L)));
    String weight =
        b.initializer("weight", TensorData.floats(new float[LABELS.size()], HIDDEN, LABELS.size()));
    b.outputAs(b.node("MatMul", first, weight), AdapterAbi.logits(LABELS.size()));
    return b.build();
  }
}
