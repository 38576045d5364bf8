package io.sluice.server.engine;

import io.sluice.backbone.runtime.Tensor;
import io.sluice.registry.bundle.AdapterAbi;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The adapters at one point of a batch: each reads what its task's rows were before and behind the
 * block and writes them anew. Confined to one engine thread.
 */
final class AdapterStage {
  private final Activations activations;
  private final PartRuns parts;
  private final Layout layout;
  private final int point;
  private final int seq;

  /**
   * @param layout of the rows that leave the block
   */
  AdapterStage(Activations activations, PartRuns parts, Layout layout, int point, int seq) {
    this.activations = activations;
    this.parts = parts;
    this.layout = layout;
    this.point = point;
    this.seq = seq;
  }

  /** Runs them so that the output buffer holds what leaves the point. */
  void run() {
    List<Layout.Slice> adapted = new ArrayList<>();
    for (Layout.Company company : Layout.companies(layout.slices(), this::adapter)) {
      if (company.slices().size() > 1 && runTogether(company)) {
        adapted.addAll(company.slices());
      } else {
        for (int i = 0; i < company.slices().size(); i++) {
          Layout.Slice slice = company.slices().get(i);
          if (runAlone(company.parts().get(i), slice)) {
            adapted.add(slice);
          }
        }
      }
    }
    gather(adapted);
  }

  private @Nullable Subgraph adapter(LoadedTask task) {
    return parts.hasFailed(task) ? null : task.adapter(point);
  }

  private boolean runTogether(Layout.Company company) {
    int start = company.start();
    int rows = company.rows();
    return parts.together(
        company,
        layout,
        (part, inputs) -> feed(part, inputs, start, rows),
        Map.of(AdapterAbi.ADAPTED, activations.spare().view(start, rows, seq)));
  }

  private boolean runAlone(Subgraph adapter, Layout.Slice slice) {
    return parts.alone(
        adapter,
        layout,
        slice,
        () -> "adapter at point " + point,
        (part, inputs) -> feed(part, inputs, slice.start(), slice.rows()),
        Map.of(AdapterAbi.ADAPTED, activations.spare().view(slice.start(), slice.rows(), seq)));
  }

  private void feed(Subgraph adapter, Map<String, Tensor> inputs, int start, int rows) {
    if (adapter.takes(AdapterAbi.BLOCK_INPUT)) {
      inputs.put(AdapterAbi.BLOCK_INPUT, activations.input().view(start, rows, seq));
    }
    if (adapter.takes(AdapterAbi.BLOCK_OUTPUT)) {
      inputs.put(AdapterAbi.BLOCK_OUTPUT, activations.output().view(start, rows, seq));
    }
  }

  /** The fewer rows are copied: the adapted to the others or the others to the adapted. */
  private void gather(List<Layout.Slice> adapted) {
    int adaptedRows = adapted.stream().mapToInt(Layout.Slice::rows).sum();
    if (adaptedRows == 0) {
      return;
    }
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
}
