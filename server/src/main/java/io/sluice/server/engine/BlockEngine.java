package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.TensorMemory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Computes batches: every block once for all rows, every adapter and head on its task's slice. Owns
 * the buffers; confined to one engine thread but for construction.
 */
final class BlockEngine implements AutoCloseable {
  private final BackboneSessions sessions;
  private final StructureCache structures;
  private final TaskWeights weights;
  private final ExpressSessions express;
  private final @Nullable TrunkCache trunks;
  private final @Nullable TrunkCache ownTrunks;
  private final LongSupplier nanoClock;
  private final List<List<String>> contextOfBlock = new ArrayList<>();
  private final int points;
  private final Leg[][] spans;
  private final Leg[][] spansToFirstToken;
  private final Activations activations;
  private final PrologueStage prologue;
  private final HeadOutputs heads;
  private final TokenArena slots;

  /**
   * @param trunks keeps states of texts that come again; null for none
   * @param ownTrunks the same for the server's own rows
   */
  BlockEngine(
      BackboneSessions sessions,
      long padId,
      StructureCache structures,
      TaskWeights weights,
      ExpressSessions express,
      @Nullable TrunkCache trunks,
      @Nullable TrunkCache ownTrunks,
      TensorMemory memory,
      LongSupplier nanoClock) {
    this.sessions = requireNonNull(sessions, "sessions");
    this.structures = requireNonNull(structures, "structures");
    this.weights = requireNonNull(weights, "weights");
    this.express = requireNonNull(express, "express");
    this.trunks = trunks;
    this.ownTrunks = ownTrunks;
    this.nanoClock = requireNonNull(nanoClock, "nanoClock");
    Backbone backbone = sessions.backbone();
    points = backbone.points();
    for (int point = 1; point <= points; point++) {
      contextOfBlock.add(contextOf(backbone.block(point)));
    }
    spans = spans(points + 1);
    spansToFirstToken = spans(backbone.firstTokenPoint());
    slots = new TokenArena(memory);
    activations = new Activations(memory, backbone.hiddenSize());
    prologue = new PrologueStage(backbone, padId, sessions.prologue(), memory);
    heads = new HeadOutputs(memory);
  }

  private Leg[][] spans(int firstTokenPoint) {
    Leg[][] made = new Leg[points + 1][points + 1];
    for (int from = 1; from <= points; from++) {
      for (int to = from; to <= points; to++) {
        made[from][to] = Leg.span(from, to, firstTokenPoint);
      }
    }
    return made;
  }

  /**
   * Computes {@code rows} and completes every one of them, whatever happens: if they fail together,
   * each is tried alone, so that one bad row fails by itself.
   *
   * @param wide whether several threads may compute them
   */
  void run(List<Row> rows, boolean wide) {
    run(Batch.of(rows, wide), IdleThreads.NONE);
  }

  /**
   * The same, but for the shares that {@code idle} take over: theirs is to complete those.
   *
   * @param idle for the calling thread only
   */
  void run(Batch batch, IdleThreads idle) {
    List<Row> rows = batch.rows();
    Begun begun = batch.begun();
    if (begun != null) {
      runTogether(begun, batch.wide(), idle);
    } else if (express.isEager()) {
      Map<LoadedTask, List<Row>> byTask = new LinkedHashMap<>();
      rows.forEach(row -> byTask.computeIfAbsent(row.task(), task -> new ArrayList<>()).add(row));
      byTask.values().forEach(together -> runTogether(fromIds(together), batch.wide(), idle));
    } else {
      runTogether(fromIds(rows), batch.wide(), idle);
    }
  }

  private Begun fromIds(List<Row> rows) {
    return Begun.fromIds(rows, nanoClock.getAsLong());
  }

  private void runTogether(Begun begun, boolean wide, IdleThreads idle) {
    OwnLanes own = new OwnLanes(begun.lanes());
    try (WeightsInUse used = weights.use()) {
      new BatchRun(this, used, begun, own, wide, idle).run();
    } catch (RuntimeException | Error e) {
      if (begun.rows().size() > 1 || !begun.states().isEmpty()) {
        own.rows().forEach(row -> runTogether(fromIds(List.of(row)), wide, IdleThreads.NONE));
      } else {
        begun.rows().get(0).fail(failure(e));
      }
    }
  }

  private static SluiceException failure(Throwable e) {
    return e instanceof SluiceException known
        ? known
        : new SluiceException(ErrorCode.INTERNAL, "engine: batch failed: " + e, e);
  }

  int points() {
    return points;
  }

  long nanoTime() {
    return nanoClock.getAsLong();
  }

  StructureCache structures() {
    return structures;
  }

  ExpressSessions express() {
    return express;
  }

  @Nullable TrunkCache trunks() {
    return trunks;
  }

  /** Keeps states of the server's own rows: bundles come with the same probe rows again. */
  @Nullable TrunkCache ownTrunks() {
    return ownTrunks;
  }

  Activations activations() {
    return activations;
  }

  PrologueStage prologue() {
    return prologue;
  }

  HeadOutputs heads() {
    return heads;
  }

  /** Where a run over many sets of weights reads which is whose. */
  TokenArena slots() {
    return slots;
  }

  OnnxSession block(int point) {
    return sessions.block(point);
  }

  @Nullable OnnxSession epilogue() {
    return sessions.epilogue();
  }

  /**
   * Blocks {@code from} to {@code to}; not the epilogue.
   *
   * @param firstTokenPoint {@link #firstTokenPoint()}, or above all points where others than first
   *     tokens are wanted
   */
  Leg span(int from, int to, int firstTokenPoint) {
    return (firstTokenPoint > points ? spans : spansToFirstToken)[from][to];
  }

  /** See {@link Backbone#firstTokenPoint()}. */
  int firstTokenPoint() {
    return sessions.backbone().firstTokenPoint();
  }

  /** See {@link BackboneSessions#firstTokenBlock()}. */
  OnnxSession firstTokenBlock() {
    return requireNonNull(sessions.firstTokenBlock());
  }

  /** Names of the context tensors block {@code point} takes. */
  List<String> contextOf(int point) {
    return contextOfBlock.get(point - 1);
  }

  @Override
  public void close() {
    activations.close();
    prologue.close();
    heads.close();
    slots.close();
  }

  private static List<String> contextOf(Graph block) {
    return block.inputs().stream()
        .map(Value::name)
        .filter(name -> !name.equals(Backbone.BLOCK_INPUT))
        .toList();
  }
}
