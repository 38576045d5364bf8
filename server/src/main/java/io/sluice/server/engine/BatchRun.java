package io.sluice.server.engine;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.Tensor;
import io.sluice.registry.bundle.AdapterAbi;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One batch on its way through the backbone. Confined to the engine thread. */
final class BatchRun {
  private static final Logger LOG = LoggerFactory.getLogger(BatchRun.class);

  private final BlockEngine engine;
  private final Activations activations;
  private final List<Row> rows;

  /** Tasks whose rows have failed: their weights may be freed by now and are not touched again. */
  private final Set<LoadedTask> failed = new HashSet<>();

  private final long startNanos;
  private final int seq;

  /** Whether anybody but the server asks: its own rows are no reason to make sessions. */
  private final boolean asked;

  private final int mostRows;
  private final TrunkPlan trunks;

  /** The lanes that are under way. */
  private List<Lane> lanes;

  private NavigableSet<Integer> forks;
  private Layout layout;

  BatchRun(BlockEngine engine, List<Row> rows, long startNanos) {
    this.engine = engine;
    this.activations = engine.activations();
    this.rows = rows;
    this.startNanos = startNanos;
    this.asked = !rows.stream().allMatch(Row::isBackground);
    this.seq = rows.stream().mapToInt(row -> row.tokens().length()).max().orElseThrow();
    List<Lane> all = Lane.of(rows);
    this.mostRows = all.size();
    this.trunks = new TrunkPlan(asked ? engine.trunks() : null, all);
    lanes = trunks.fromIds();
    forks = Layout.forks(lanes);
    layout = Layout.after(0, lanes);
  }

  void run() {
    activations.reserve(mostRows, seq);
    if (!lanes.isEmpty()) {
      engine.prologue().setRows(layout, seq);
      engine.prologue().run(activations.input(), layout.rows(), seq);
    }
    if (!dropDead(1)) {
      return;
    }
    if (trunks.stops().isEmpty()
        && layout.slices().size() == 1
        && layout.slices().get(0).rows() == layout.rows()
        && runWhole(layout.slices().get(0))) {
      return;
    }
    for (int point = 1; point <= engine.points(); point++) {
      if (point > 1 && !dropDead(point)) {
        return;
      }
      beginAt(point - 1);
      if (lanes.isEmpty()) {
        continue;
      }
      point = runBlocks(point);
      if (forks.contains(point)) {
        fork(point);
      }
      runAdapters(point);
      activations.advance();
    }
    beginAt(engine.points());
    runEpilogue();
    if (forks.contains(engine.points() + 1)) {
      forkForHeads();
    }
    runHeads();
  }

  /**
   * Lets the lanes in that begin at {@code boundary}, with the states that were kept, and keeps
   * those of others that will begin there.
   */
  private void beginAt(int boundary) {
    List<Lane> joining = trunks.joining(boundary);
    if (!joining.isEmpty()) {
      Set<Lane> fresh = new HashSet<>(joining);
      List<Lane> together = new ArrayList<>(lanes);
      together.addAll(joining);
      Layout next = Layout.after(boundary, together);
      for (int row = 0; row < next.rows(); row++) {
        Lane lane = next.first(row);
        if (fresh.contains(lane)) {
          activations.spare().setRow(row, seq, trunks.state(lane));
        } else {
          activations.spare().setRow(row, seq, activations.input(), layout.position(lane));
        }
      }
      activations.spareBecomesInput();
      lanes = together;
      forks = Layout.forks(together);
      layout = next;
      renewContext();
    }
    trunks.keep(boundary, layout, activations.input(), seq);
  }

  /** Blocks, adapters, epilogue and head of a batch of one task in one run; false if not. */
  private boolean runWhole(Layout.Slice slice) {
    LoadedTask task = slice.task();
    HeadOutputs heads = engine.heads();
    heads.reserve(List.of(slice), seq);
    HeadOutputs.Place place = heads.place(task, slice.rows(), seq);
    long sinceNanos = engine.nanoTime();
    try (Tensor mask = engine.prologue().mask(0, layout.rows(), seq)) {
      boolean done =
          engine
              .express()
              .run(
                  task.leg(),
                  asked,
                  () -> {
                    Map<String, Tensor> inputs = task.legInputs();
                    inputs.putAll(hiddenAndContext());
                    inputs.put(AdapterAbi.ATTENTION_MASK, mask);
                    return inputs;
                  },
                  heads.outputs(task, place));
      if (!done) {
        return false;
      }
    }
    heads.fetch();
    spent(0, layout.rows(), sinceNanos);
    completeAll(slice, place);
    return true;
  }

  /**
   * Runs block {@code point}, and the ones behind it that can be run with it.
   *
   * @return the last that was run
   */
  private int runBlocks(int point) {
    int end = new Stops(lanes, stops(), engine.points()).end(point);
    if (end > point && runSpan(engine.span(point, end))) {
      return end;
    }
    runBlock(point);
    return point;
  }

  private Set<Integer> stops() {
    if (trunks.stops().isEmpty()) {
      return forks;
    }
    Set<Integer> both = new HashSet<>(forks);
    both.addAll(trunks.stops());
    return both;
  }

  /** Several blocks in one run; false if not. */
  private boolean runSpan(Leg leg) {
    Tensor output = activations.output().view(0, layout.rows(), seq);
    long sinceNanos = engine.nanoTime();
    boolean done =
        engine.express().run(leg, asked, this::hiddenAndContext, Map.of(Leg.OUTPUT, output));
    if (done) {
      spent(0, layout.rows(), sinceNanos);
    }
    return done;
  }

  private Map<String, Tensor> hiddenAndContext() {
    Map<String, Tensor> inputs = new HashMap<>(engine.prologue().context());
    inputs.put(Backbone.BLOCK_INPUT, activations.input().view(0, layout.rows(), seq));
    return inputs;
  }

  private void runBlock(int point) {
    Map<String, Tensor> inputs = new HashMap<>();
    for (String name : engine.contextOf(point)) {
      inputs.put(name, engine.prologue().context().get(name));
    }
    inputs.put(Backbone.BLOCK_INPUT, activations.input().view(0, layout.rows(), seq));
    Tensor output = activations.output().view(0, layout.rows(), seq);
    long sinceNanos = engine.nanoTime();
    engine.block(point).run(inputs, Map.of(Backbone.BLOCK_OUTPUT, output));
    spent(0, layout.rows(), sinceNanos);
  }

  private void runEpilogue() {
    OnnxSession epilogue = engine.epilogue();
    if (epilogue != null) {
      Tensor input = activations.input().view(0, layout.rows(), seq);
      Tensor output = activations.output().view(0, layout.rows(), seq);
      epilogue.run(Map.of(Backbone.BLOCK_INPUT, input), Map.of(Backbone.EPILOGUE_OUTPUT, output));
      activations.advance();
    }
  }

  /** Runs the adapters at {@code point} so that the output buffer holds what leaves the point. */
  private void runAdapters(int point) {
    List<Layout.Slice> adapted = new ArrayList<>();
    for (Layout.Company company : Layout.companies(layout.slices(), task -> adapter(task, point))) {
      if (company.slices().size() > 1 && runStackedAdapters(company)) {
        adapted.addAll(company.slices());
      } else {
        for (int i = 0; i < company.slices().size(); i++) {
          Layout.Slice slice = company.slices().get(i);
          if (runAdapter(company.parts().get(i), slice, point)) {
            adapted.add(slice);
          }
        }
      }
    }
    int adaptedRows = adapted.stream().mapToInt(Layout.Slice::rows).sum();
    if (adaptedRows == 0) {
      return;
    }
    /* The fewer rows are copied: the adapted to the others or the others to the adapted. */
    if (2 * adaptedRows < layout.rows()) {
      for (Layout.Slice slice : adapted) {
        activations.output().copyRows(activations.spare(), slice.start(), slice.rows(), seq);
      }
      return;
    }
    int done = 0;
    for (Layout.Slice slice : adapted) {
      activations.spare().copyRows(activations.output(), done, slice.start() - done, seq);
      done = slice.end();
    }
    activations.spare().copyRows(activations.output(), done, layout.rows() - done, seq);
    activations.spareBecomesOutput();
  }

  private @Nullable Subgraph adapter(LoadedTask task, int point) {
    return failed.contains(task) ? null : task.adapter(point);
  }

  /** The adapters of many tasks of one structure in one run; false if not. */
  private boolean runStackedAdapters(Layout.Company company) {
    return runStacked(
        company,
        part -> adapterInputs(part, company.start(), company.rows()),
        () ->
            Map.of(
                AdapterAbi.ADAPTED,
                activations.spare().view(company.start(), company.rows(), seq)));
  }

  private boolean runStacked(
      Layout.Company company,
      Function<Subgraph, Map<String, Tensor>> inputs,
      Supplier<Map<String, Tensor>> outputs) {
    StackedRun run = StackedRun.of(company, engine.slots());
    if (run == null) {
      return false;
    }
    long sinceNanos = engine.nanoTime();
    try (run) {
      Map<String, Tensor> fed = run.inputs();
      fed.putAll(inputs.apply(company.first()));
      run(run.structure(), fed, outputs.get());
    } catch (RuntimeException e) {
      // Whose fault it is shows when they are run one by one.
      LOG.warn("tasks of one structure: run together failed, run one by one", e);
      return false;
    }
    spent(company.start(), company.rows(), sinceNanos);
    return true;
  }

  /** False when it failed: then its task's rows have failed, and nobody else's. */
  private boolean runAdapter(Subgraph adapter, Layout.Slice slice, int point) {
    try {
      long sinceNanos = engine.nanoTime();
      Map<String, Tensor> inputs = adapter.inputs();
      inputs.putAll(adapterInputs(adapter, slice.start(), slice.rows()));
      Tensor output = activations.spare().view(slice.start(), slice.rows(), seq);
      run(adapter.structure(), inputs, Map.of(AdapterAbi.ADAPTED, output));
      spent(slice.start(), slice.rows(), sinceNanos);
      return true;
    } catch (RuntimeException e) {
      fail(slice.task(), "adapter at point " + point, e);
      return false;
    }
  }

  private Map<String, Tensor> adapterInputs(Subgraph adapter, int start, int count) {
    Map<String, Tensor> inputs = new HashMap<>();
    if (adapter.takes(AdapterAbi.BLOCK_INPUT)) {
      inputs.put(AdapterAbi.BLOCK_INPUT, activations.input().view(start, count, seq));
    }
    if (adapter.takes(AdapterAbi.BLOCK_OUTPUT)) {
      inputs.put(AdapterAbi.BLOCK_OUTPUT, activations.output().view(start, count, seq));
    }
    return inputs;
  }

  /** Runs the heads, waits for all that was computed, and answers. */
  private void runHeads() {
    HeadOutputs heads = engine.heads();
    heads.reserve(layout.slices(), seq);
    Map<Layout.Slice, HeadOutputs.Place> places = new LinkedHashMap<>();
    for (Layout.Company company : Layout.companies(layout.slices(), this::head)) {
      LoadedTask one = company.slices().get(0).task();
      if (company.slices().size() > 1) {
        HeadOutputs.Place place = heads.place(one, company.rows(), seq);
        if (runStackedHeads(company, place)) {
          for (Layout.Slice slice : company.slices()) {
            places.put(slice, place.from(slice.start() - company.start()));
          }
          continue;
        }
      }
      for (Layout.Slice slice : company.slices()) {
        HeadOutputs.Place place = heads.place(slice.task(), slice.rows(), seq);
        if (runHead(slice, place)) {
          places.put(slice, place);
        }
      }
    }
    heads.fetch();
    places.forEach(this::completeAll);
  }

  private @Nullable Subgraph head(LoadedTask task) {
    return failed.contains(task) ? null : task.head();
  }

  private boolean runStackedHeads(Layout.Company company, HeadOutputs.Place place) {
    try (Tensor mask = engine.prologue().mask(company.start(), company.rows(), seq)) {
      LoadedTask one = company.slices().get(0).task();
      return runStacked(
          company,
          part -> headInputs(part, company.start(), company.rows(), mask),
          () -> engine.heads().outputs(one, place));
    }
  }

  /** False when it failed: then its task's rows have failed, and nobody else's. */
  private boolean runHead(Layout.Slice slice, HeadOutputs.Place place) {
    Subgraph head = slice.task().head();
    long sinceNanos = engine.nanoTime();
    try (Tensor mask = engine.prologue().mask(slice.start(), slice.rows(), seq)) {
      Map<String, Tensor> inputs = head.inputs();
      inputs.putAll(headInputs(head, slice.start(), slice.rows(), mask));
      run(head.structure(), inputs, engine.heads().outputs(slice.task(), place));
    } catch (RuntimeException e) {
      fail(slice.task(), "head", e);
      return false;
    }
    spent(slice.start(), slice.rows(), sinceNanos);
    return true;
  }

  private Map<String, Tensor> headInputs(Subgraph head, int start, int count, Tensor mask) {
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put(AdapterAbi.HIDDEN, activations.input().view(start, count, seq));
    if (head.takes(AdapterAbi.ATTENTION_MASK)) {
      inputs.put(AdapterAbi.ATTENTION_MASK, mask);
    }
    return inputs;
  }

  /** Answers the rows of a slice whose logits have been fetched. */
  private void completeAll(Layout.Slice slice, HeadOutputs.Place place) {
    long nowNanos = engine.nanoTime();
    for (Lane lane : lanes) {
      if (lane.task() == slice.task()) {
        int row = layout.position(lane) - slice.start();
        complete(lane, engine.heads().row(place, row, lane.tokens().length()), nowNanos);
      }
    }
  }

  private void complete(Lane lane, float[] logits, long nowNanos) {
    int run = engine.points() - trunks.begin(lane);
    int shared = Math.min(run, layersShared(lane));
    for (Row row : lane.rows()) {
      if (row.isDead(nowNanos)) {
        row.drop(nowNanos);
      } else {
        row.complete(
            new RowResult(
                logits.clone(),
                startNanos - row.submittedNanos(),
                nowNanos - startNanos,
                lane.rows().size() == 1 ? lane.ownNanos() : 0,
                run,
                shared,
                rows.size()));
      }
    }
  }

  /** Charges what has just run on some rows, each alike, to the lanes that have them alone. */
  private void spent(int start, int count, long sinceNanos) {
    long nanos = (engine.nanoTime() - sinceNanos) / count;
    for (int row = start; row < start + count; row++) {
      Lane owner = layout.owner(row);
      if (owner != null) {
        owner.spent(nanos);
      }
    }
  }

  /** Blocks that ran on a row serving others as well: as long as one of them had not forked. */
  private int layersShared(Lane lane) {
    if (lane.rows().size() > 1) {
      return engine.points();
    }
    int shared = 0;
    for (Lane other : lanes) {
      if (other != lane && other.tokens().equals(lane.tokens())) {
        shared = Math.max(shared, Math.min(lane.task().firstPoint(), other.task().firstPoint()));
      }
    }
    return Math.min(shared, engine.points());
  }

  private void run(Structure structure, Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
    CompiledStructure compiled = engine.structures().acquire(structure);
    try {
      compiled.session().run(inputs, outputs);
    } finally {
      compiled.release();
    }
  }

  private void fail(LoadedTask task, String where, RuntimeException cause) {
    SluiceException failure =
        new SluiceException(
            ErrorCode.INTERNAL,
            "task \"" + task.name() + "\": " + where + ": " + cause.getMessage(),
            cause);
    failed.add(task);
    for (Row row : rows) {
      if (row.task() == task) {
        row.fail(failure);
      }
    }
  }

  /**
   * Leaves out rows nobody waits for once they are half of the batch: before that, moving the
   * others costs more than it saves.
   *
   * @return false when nobody is left, nor will begin further up
   */
  private boolean dropDead(int point) {
    long nowNanos = engine.nanoTime();
    List<Lane> live = lanes.stream().filter(lane -> !lane.isDead(nowNanos)).toList();
    if (live.isEmpty()) {
      lanes.forEach(lane -> lane.rows().forEach(row -> row.drop(nowNanos)));
      lanes = List.of();
      layout = Layout.after(point - 1, lanes);
      return trunks.someWait();
    }
    if (live.size() == lanes.size()) {
      return true;
    }
    Layout next = Layout.after(point - 1, live);
    if (2 * next.rows() > layout.rows()) {
      return true;
    }
    for (Lane lane : lanes) {
      if (lane.isDead(nowNanos)) {
        lane.rows().forEach(row -> row.drop(nowNanos));
      }
    }
    int[] sources = next.sourcesIn(layout);
    lanes = live;
    forks = Layout.forks(live);
    activations.spare().gather(activations.input(), sources, seq);
    activations.spareBecomesInput();
    layout = next;
    renewContext();
    return true;
  }

  /** Gives the tasks that adapt at {@code point} for the first time rows of their own. */
  private void fork(int point) {
    Layout next = Layout.after(point, lanes);
    int[] sources = next.sourcesIn(layout);
    activations.spare().gather(activations.input(), sources, seq);
    activations.spareBecomesInput();
    activations.spare().gather(activations.output(), sources, seq);
    activations.spareBecomesOutput();
    layout = next;
    renewContext();
  }

  private void forkForHeads() {
    Layout next = Layout.after(engine.points() + 1, lanes);
    activations.spare().gather(activations.input(), next.sourcesIn(layout), seq);
    activations.spareBecomesInput();
    layout = next;
    engine.prologue().setRows(layout, seq);
  }

  /**
   * The context follows the rows. Running the prologue once more costs less than a block and suits
   * every kind of context; the boundary it gives as well is left in the spare buffer.
   */
  private void renewContext() {
    engine.prologue().setRows(layout, seq);
    if (engine.prologue().hasContext()) {
      engine.prologue().run(activations.spare(), layout.rows(), seq);
    }
  }
}
