package io.sluice.server.engine;

import io.sluice.backbone.runtime.Tensor;
import io.sluice.registry.bundle.AdapterAbi;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The heads of a batch: from final hidden states to logits. Confined to one engine thread. */
final class HeadStage {
  private final BlockEngine engine;
  private final HeadOutputs heads;
  private final PartRuns parts;
  private final Layout layout;
  private final int seq;
  private final int tokens;

  /**
   * @param layout of the rows in the input buffer
   * @param seq of the mask
   * @param tokens of each row in the input buffer
   */
  HeadStage(BlockEngine engine, PartRuns parts, Layout layout, int seq, int tokens) {
    this.engine = engine;
    this.heads = engine.heads();
    this.parts = parts;
    this.layout = layout;
    this.seq = seq;
    this.tokens = tokens;
  }

  /**
   * Runs them, and waits for all that was computed.
   *
   * @return where the logits of each slice are; without the slices of tasks that have failed
   */
  Map<Layout.Slice, HeadOutputs.Place> run() {
    heads.reserve(layout.slices(), seq);
    Map<Layout.Slice, HeadOutputs.Place> places = new LinkedHashMap<>();
    for (Layout.Company company : Layout.companies(layout.slices(), this::head)) {
      if (company.slices().size() > 1 && runTogether(company, places)) {
        continue;
      }
      for (Layout.Slice slice : company.slices()) {
        runAlone(slice, places);
      }
    }
    heads.fetch();
    return places;
  }

  private @Nullable Subgraph head(LoadedTask task) {
    return parts.hasFailed(task) ? null : task.head();
  }

  private boolean runTogether(Layout.Company company, Map<Layout.Slice, HeadOutputs.Place> places) {
    LoadedTask one = company.slices().get(0).task();
    HeadOutputs.Place place = heads.place(one, company.rows(), seq);
    try (Tensor mask = engine.prologue().mask(company.start(), company.rows(), seq)) {
      boolean done =
          parts.together(
              company,
              layout,
              (part, inputs) -> feed(part, inputs, company.start(), company.rows(), mask),
              heads.outputs(one, place));
      if (!done) {
        return false;
      }
    }
    for (Layout.Slice slice : company.slices()) {
      places.put(slice, place.from(slice.start() - company.start()));
    }
    return true;
  }

  private void runAlone(Layout.Slice slice, Map<Layout.Slice, HeadOutputs.Place> places) {
    LoadedTask task = slice.task();
    HeadOutputs.Place place = heads.place(task, slice.rows(), seq);
    try (Tensor mask = engine.prologue().mask(slice.start(), slice.rows(), seq)) {
      boolean done =
          parts.alone(
              task.head(),
              layout,
              slice,
              () -> "head",
              (part, inputs) -> feed(part, inputs, slice.start(), slice.rows(), mask),
              heads.outputs(task, place));
      if (done) {
        places.put(slice, place);
      }
    }
  }

  private void feed(Subgraph head, Map<String, Tensor> inputs, int start, int rows, Tensor mask) {
    inputs.put(AdapterAbi.HIDDEN, engine.activations().input().view(start, rows, tokens));
    if (head.takes(AdapterAbi.ATTENTION_MASK)) {
      inputs.put(AdapterAbi.ATTENTION_MASK, mask);
    }
  }
}
