package io.sluice.server.engine;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.Tensor;
import io.sluice.registry.bundle.AdapterAbi;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs blocks on what is under way: one by one, several as one leg, or all that is left of a task
 * with its adapters and head. Confined to one engine thread.
 */
final class BlockRuns {
  private final BlockEngine engine;
  private final UnderWay way;
  private final WeightsInUse weights;

  /** The block from which on only first tokens are computed; above all where others are wanted. */
  private final int firstTokenPoint;

  /** Whether anybody but the server asks: its own rows are no reason to make sessions. */
  private final boolean asked;

  /** Whether there are several threads for this. */
  private boolean wide;

  /**
   * @param weights outlives the batch
   */
  BlockRuns(
      BlockEngine engine,
      UnderWay way,
      WeightsInUse weights,
      int firstTokenPoint,
      boolean asked,
      boolean wide) {
    this.engine = engine;
    this.way = way;
    this.weights = weights;
    this.firstTokenPoint = firstTokenPoint;
    this.asked = asked;
    this.wide = wide;
  }

  /** Others have work now: from here on, by one thread. */
  void narrow() {
    wide = false;
  }

  /**
   * Runs block {@code point}, and the ones behind it that can be run with it.
   *
   * @param stops points behind which something is to be done
   * @return the last that was run
   */
  int run(int point, Set<Integer> stops) {
    int end = new Stops(way.lanes(), stops, engine.points()).end(point);
    if (end > point && runSpan(point, end)) {
      return end;
    }
    if (point == firstTokenPoint) {
      runFirstTokenBlock();
    } else {
      runBlock(point);
    }
    return point;
  }

  /**
   * Blocks from {@code point} on, adapters, epilogue and head in one run, for the only task that is
   * under way.
   *
   * @return where the outputs of its head are; null if it cannot be run so
   */
  HeadOutputs.@Nullable Place runToTheEnd(int point) {
    Layout.Slice slice = way.layout().slices().get(0);
    LoadedTask task = slice.task();
    Leg leg = task.leg().end(point);
    HeadOutputs heads = engine.heads();
    heads.reserve(List.of(slice), way.seq());
    HeadOutputs.Place place = heads.place(task, slice.rows(), way.seq());
    Map<String, Tensor> outputs = heads.outputs(task, place);
    long sinceNanos = engine.nanoTime();
    try (Tensor mask = engine.prologue().mask(0, way.layout().rows(), way.seq())) {
      Supplier<Map<String, Tensor>> inputs =
          () -> {
            Map<String, Tensor> all = task.legInputs(leg, weights);
            addHiddenAndContext(all);
            all.put(AdapterAbi.ATTENTION_MASK, mask);
            return all;
          };
      if (!runExpress(leg, inputs, outputs)) {
        return null;
      }
    }
    heads.fetch();
    way.charge(sinceNanos);
    return place;
  }

  /** What comes behind the last block, if anything does. */
  void runEpilogue() {
    OnnxSession epilogue = engine.epilogue();
    if (epilogue != null) {
      epilogue.run(
          Map.of(Backbone.BLOCK_INPUT, way.input()),
          Map.of(Backbone.EPILOGUE_OUTPUT, way.output(way.tokens())));
      way.activations().advance();
    }
  }

  /** Several blocks in one run; false if not. */
  private boolean runSpan(int from, int to) {
    Leg leg = engine.span(from, to, firstTokenPoint);
    int left = leg.givesFirstToken() ? 1 : way.tokens();
    Map<String, Tensor> outputs = Map.of(Leg.OUTPUT, way.output(left));
    long sinceNanos = engine.nanoTime();
    boolean done = runExpress(leg, this::hiddenAndContext, outputs);
    if (done) {
      way.leaveTokens(left);
      way.charge(sinceNanos);
    }
    return done;
  }

  /** With as many threads as there are for the batch, if the leg has sessions; false if not. */
  private boolean runExpress(
      Leg leg, Supplier<Map<String, Tensor>> inputs, Map<String, Tensor> outputs) {
    return engine.express().run(leg, wide, asked, inputs, outputs);
  }

  private Map<String, Tensor> hiddenAndContext() {
    Map<String, Tensor> inputs = new HashMap<>();
    addHiddenAndContext(inputs);
    return inputs;
  }

  private void addHiddenAndContext(Map<String, Tensor> inputs) {
    inputs.putAll(engine.prologue().context());
    inputs.put(Backbone.BLOCK_INPUT, way.input());
  }

  private void runBlock(int point) {
    Map<String, Tensor> outputs = Map.of(Backbone.BLOCK_OUTPUT, way.output(way.tokens()));
    long sinceNanos = engine.nanoTime();
    engine.block(point).run(inputs(point), outputs);
    way.charge(sinceNanos);
  }

  /** From here on the buffers hold first tokens only, that of the block's input as well. */
  private void runFirstTokenBlock() {
    Activations activations = way.activations();
    Tensor input = activations.spare().view(0, way.layout().rows(), 1);
    Map<String, Tensor> outputs =
        Map.of(Backbone.BLOCK_OUTPUT, way.output(1), BackboneSessions.FIRST_OF_INPUT, input);
    long sinceNanos = engine.nanoTime();
    engine.firstTokenBlock().run(inputs(firstTokenPoint), outputs);
    activations.spareBecomesInput();
    way.leaveTokens(1);
    way.charge(sinceNanos);
  }

  private Map<String, Tensor> inputs(int point) {
    Map<String, Tensor> inputs = new HashMap<>();
    for (String name : engine.contextOf(point)) {
      inputs.put(name, engine.prologue().context().get(name));
    }
    inputs.put(Backbone.BLOCK_INPUT, way.input());
    return inputs;
  }
}
