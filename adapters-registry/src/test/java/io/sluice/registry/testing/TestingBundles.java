package io.sluice.registry.testing;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.Digest;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.runtime.OnnxRuntime;
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
import io.sluice.registry.probe.BundleForward;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Builds small random bundles; the same settings always give the same bundle.
 *
 * <p>Without {@link #probe} the probe's logits are made up: legal in a file, but not what the
 * graphs answer. Confined to one thread.
 */
public final class TestingBundles {
  private final Digest backbone;
  private final String backboneName;
  private final int backbonePoints;
  private final int hiddenSize;
  private final List<PointEntry> structure = new ArrayList<>();
  private final SortedMap<Integer, Graph> points = new TreeMap<>();
  private final SortedMap<String, byte[]> attachments = new TreeMap<>();
  private TaskKind kind = TaskKind.CLASSIFY;
  private List<String> labels = List.of("no", "yes");
  private List<String> textFields = List.of("text");
  private Pooling pooling = Pooling.FIRST;
  private long seed = 1;
  private int maxTokens = 64;
  private double temperature = 1;
  private @Nullable Double threshold;
  private Map<String, String> hyperParameters = Map.of("learning_rate", "0.001");
  private @Nullable Probe probe;

  private TestingBundles(Digest backbone, String backboneName, int backbonePoints, int hiddenSize) {
    this.backbone = backbone;
    this.backboneName = backboneName;
    this.backbonePoints = backbonePoints;
    this.hiddenSize = hiddenSize;
  }

  /** Bundles for the backbone of that digest, number of insertion points and hidden size. */
  public static TestingBundles on(
      Digest backbone, String backboneName, int backbonePoints, int hiddenSize) {
    return new TestingBundles(backbone, backboneName, backbonePoints, hiddenSize);
  }

  /** Bundles for that backbone. */
  public static TestingBundles on(Backbone backbone) {
    return on(backbone.digest(), backbone.name(), backbone.points(), backbone.hiddenSize());
  }

  /** Bundles for a backbone that does not exist: 4 points, hidden size 8. */
  public static TestingBundles small() {
    return on(Digest.of("none".getBytes(StandardCharsets.UTF_8)), "none", 4, 8);
  }

  /** Sets the seed of the weights; 1 when not called. Call it before adding adapters. */
  public TestingBundles seed(long newSeed) {
    seed = newSeed;
    return this;
  }

  /** Sets what the task answers; adjusts the pooling. */
  public TestingBundles kind(TaskKind newKind, String... newLabels) {
    kind = newKind;
    labels = List.of(newLabels);
    pooling = newKind == TaskKind.ANSWER_SPAN ? Pooling.NONE : Pooling.FIRST;
    return this;
  }

  /** Sets the names of the texts, one or two. */
  public TestingBundles textFields(String... names) {
    textFields = List.of(names);
    return this;
  }

  /** Sets how the head pools. */
  public TestingBundles pooling(Pooling newPooling) {
    pooling = newPooling;
    return this;
  }

  /** Sets the longest row, in tokens. */
  public TestingBundles maxTokens(int tokens) {
    maxTokens = tokens;
    return this;
  }

  /** Sets how logits become probabilities, and those into answers; 1 and always when not called. */
  public TestingBundles calibrated(double newTemperature, @Nullable Double newThreshold) {
    temperature = newTemperature;
    threshold = newThreshold;
    return this;
  }

  /** Sets the tokens from one window over a long passage to the next. */
  public TestingBundles stride(int tokens) {
    hyperParameters = Map.of("stride", Integer.toString(tokens));
    return this;
  }

  /** Adds a sequential bottleneck with random weights at {@code point}; ascending points. */
  public TestingBundles adaptAt(int point, int rank) {
    Random random = new Random(seed * 1_000 + point);
    return adaptAt(
        point,
        "bottleneck_sequential",
        rank,
        TestingAdapters.sequential(hiddenSize, rank, 1, random));
  }

  /** Adds a graph of one's own at {@code point}; ascending points. */
  public TestingBundles adaptAt(int point, String candidate, int rank, Graph graph) {
    structure.add(PointEntry.of(point, candidate, rank, graph));
    points.put(point, graph);
    return this;
  }

  /** Sets rows and the logits they must give. */
  public TestingBundles probe(Probe newProbe) {
    probe = newProbe;
    return this;
  }

  /** Adds an attachment. */
  public TestingBundles attach(String name, String text) {
    attachments.put(name, text.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** The bundle. */
  public AdapterBundle build() {
    return BundleWriter.write(
        manifest(), points, head(), probe == null ? madeUpProbe() : probe, attachments);
  }

  /** The bundle, with {@code rows} and what it answers to them as its probe. */
  public AdapterBundle build(BackboneSessions sessions, OnnxRuntime runtime, List<Encoding> rows) {
    List<long[]> ids = rows.stream().map(Encoding::ids).toList();
    List<long[]> typeIds = rows.stream().map(Encoding::typeIds).toList();
    try (BundleForward forward = new BundleForward(sessions, build(), runtime)) {
      return probe(new Probe(ids, typeIds, List.of(forward.logits(rows)))).build();
    }
  }

  /** The manifest the bundle would have. */
  public Manifest manifest() {
    HeadEntry head = HeadEntry.of("linear", head());
    return new Manifest(
        BundleFormat.VERSION,
        kind,
        labels,
        textFields,
        maxTokens,
        pooling,
        temperature,
        threshold,
        backbone,
        backboneName,
        backbonePoints,
        hiddenSize,
        structure,
        head,
        Cost.of(structure, head, backbonePoints),
        Map.of("accuracy", 0.75),
        new Provenance(
            Digest.of(new byte[] {1}),
            seed,
            hyperParameters,
            Map.of("sluice", "0.1.0"),
            "a JVM",
            "an OS"));
  }

  /** The head the bundle would have. */
  public Graph head() {
    Random random = new Random(seed);
    return kind == TaskKind.ANSWER_SPAN
        ? TestingAdapters.spanHead(hiddenSize, random)
        : TestingAdapters.linearHead(hiddenSize, labels.size(), pooling, random);
  }

  private Probe madeUpProbe() {
    List<long[]> ids = List.of(new long[] {101, 7, 8, 102}, new long[] {101, 9, 102});
    List<long[]> typeIds = List.of(new long[4], new long[3]);
    List<float[]> logits = new ArrayList<>();
    for (long[] row : ids) {
      float[] made = new float[kind == TaskKind.ANSWER_SPAN ? 2 * row.length : labels.size()];
      for (int i = 0; i < made.length; i++) {
        made[i] = 0.5f * i;
      }
      logits.add(made);
    }
    return new Probe(ids, typeIds, logits);
  }
}
