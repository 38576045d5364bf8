package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Digest;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.runtime.Tensor;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.Manifest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One bundle under one task name, its weights resident. Counted: closed when the snapshot and the
 * last lease have let go of it. Thread-safe.
 */
public final class LoadedTask {
  private final String name;
  private final Digest digest;
  private final Manifest manifest;
  private final SortedMap<Integer, Subgraph> points;
  private final Subgraph head;
  private final Leg leg;
  private final CompletableFuture<Void> freed = new CompletableFuture<>();
  private final RefCount users;

  private LoadedTask(
      String name,
      Digest digest,
      Manifest manifest,
      SortedMap<Integer, Subgraph> points,
      Subgraph head,
      Leg leg,
      Runnable free) {
    this.name = name;
    this.digest = digest;
    this.manifest = manifest;
    this.points = Collections.unmodifiableSortedMap(points);
    this.head = head;
    this.leg = leg;
    this.users =
        new RefCount(
            () -> {
              free.run();
              freed.complete(null);
            });
  }

  private static Leg leg(Manifest manifest, SortedMap<Integer, Subgraph> points, Subgraph head) {
    SortedMap<Integer, Structure> structures = new TreeMap<>();
    points.forEach((point, adapter) -> structures.put(point, adapter.structure()));
    return Leg.whole(manifest.backbonePoints(), structures, head.structure());
  }

  /** Copies the weights of {@code bundle} to where they are kept; the caller is the first user. */
  static LoadedTask load(
      String name, AdapterBundle bundle, StructureCache cache, TaskWeights kept) {
    requireNonNull(name, "name");
    SortedMap<Integer, Subgraph> points = new TreeMap<>();
    List<Subgraph> loaded = new ArrayList<>(bundle.points().size() + 1);
    try {
      bundle
          .points()
          .forEach((point, graph) -> points.put(point, load(graph, cache, kept, loaded)));
      Subgraph head = load(bundle.head(), cache, kept, loaded);
      return new LoadedTask(
          name,
          bundle.digest(),
          bundle.manifest(),
          points,
          head,
          cache.intern(leg(bundle.manifest(), points, head)),
          () -> loaded.forEach(Subgraph::close));
    } catch (RuntimeException | Error e) {
      loaded.forEach(Subgraph::close);
      throw e;
    }
  }

  private static Subgraph load(
      Graph graph, StructureCache cache, TaskWeights kept, List<Subgraph> loaded) {
    Subgraph part = Subgraph.load(graph, cache, kept);
    loaded.add(part);
    return part;
  }

  /** The same head on the untouched backbone; uses this task until its only user releases it. */
  public LoadedTask withoutAdapters() {
    SortedMap<Integer, Subgraph> none = new TreeMap<>();
    return alias(none, leg(manifest, none, head));
  }

  /**
   * The same to the engine as another task: its rows do not lie beside those of this one. Uses this
   * task until its only user releases it.
   */
  public LoadedTask twin() {
    return alias(points, leg);
  }

  private LoadedTask alias(SortedMap<Integer, Subgraph> ownPoints, Leg ownLeg) {
    if (!tryRetain()) {
      throw new IllegalStateException("task " + name + ": freed (expected: in use)");
    }
    try {
      return new LoadedTask(name, digest, manifest, ownPoints, head, ownLeg, this::release);
    } catch (RuntimeException | Error e) {
      release();
      throw e;
    }
  }

  public String name() {
    return name;
  }

  /** Digest of the bundle. */
  public Digest digest() {
    return digest;
  }

  public Manifest manifest() {
    return manifest;
  }

  /** Bytes its weights take. */
  public long residentBytes() {
    return subgraphs().mapToLong(Subgraph::residentBytes).sum();
  }

  /** Completed when the last user has left and the weights are freed. */
  CompletionStage<Void> freed() {
    return freed;
  }

  /** The lowest point with an adapter; one above the highest point if there is none. */
  int firstPoint() {
    return points.isEmpty() ? manifest.backbonePoints() + 1 : points.firstKey();
  }

  /** Whether from block {@code point} on it needs no token but the first. */
  boolean endsOnFirstToken(int point) {
    return leg.endsOnFirstToken(point);
  }

  @Nullable Subgraph adapter(int point) {
    return points.get(point);
  }

  /** Its whole way from boundary 0 to the logits. */
  Leg leg() {
    return leg;
  }

  /**
   * A fresh map of what a leg takes beside activations.
   *
   * @param part {@link #leg()} or its {@linkplain Leg#end end} from some block on
   * @param use the batch that reads it
   */
  Map<String, Tensor> legInputs(Leg part, WeightsInUse use) {
    Map<String, Tensor> weights = new HashMap<>();
    points
        .tailMap(part.from())
        .forEach((point, adapter) -> adapter.addWeights(use, part.adapterWeights(point), weights));
    head.addWeights(use, part.headWeights(), weights);
    return weights;
  }

  /** Adapters and head. */
  Stream<Subgraph> subgraphs() {
    return Stream.concat(points.values().stream(), Stream.of(head));
  }

  Subgraph head() {
    return head;
  }

  /** One more user, unless the last one has left. */
  boolean tryRetain() {
    return users.tryRetain();
  }

  /** One user less. */
  public void release() {
    users.release();
  }
}
