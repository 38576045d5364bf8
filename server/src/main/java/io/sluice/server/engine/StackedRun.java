package io.sluice.server.engine;

import io.sluice.backbone.form.StackedForm;
import io.sluice.backbone.runtime.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one run over rows of many tasks of one structure takes beside the rows: the weights of all,
 * and whose set is each row's. Confined to one engine thread, for one run.
 */
final class StackedRun implements AutoCloseable {
  private final Structure structure;
  private final WeightSlab slab;
  private final Tensor slots;

  private StackedRun(Structure structure, WeightSlab slab, Tensor slots) {
    this.structure = structure;
    this.slab = slab;
    this.slots = slots;
  }

  /**
   * Writes down whose set is each row's.
   *
   * @param slots memory for each row's set
   * @return null where the weights do not lie together
   */
  static @Nullable StackedRun of(Layout.Company company, TokenArena slots) {
    WeightSlab.Set first = company.first().set();
    Structure structure = company.first().structure().stacked();
    if (first == null || structure == null) {
      return null;
    }
    slots.reserve(company.rows(), 1);
    int row = 0;
    for (int i = 0; i < company.slices().size(); i++) {
      long slot = Objects.requireNonNull(company.parts().get(i).set()).slot();
      for (int end = row + company.slices().get(i).rows(); row < end; row++) {
        slots.set(row, slot);
      }
    }
    slots.flush(row, 1);
    return new StackedRun(structure, first.slab(), slots.vector(row));
  }

  Structure structure() {
    return structure;
  }

  /** A fresh map, to which the caller adds the activations. */
  Map<String, Tensor> inputs() {
    Map<String, Tensor> inputs = new HashMap<>();
    List<Tensor> weights = slab.stacked();
    for (int i = 0; i < weights.size(); i++) {
      inputs.put(structure.weightNames().get(i), weights.get(i));
    }
    inputs.put(StackedForm.SLOTS, slots);
    return inputs;
  }

  @Override
  public void close() {
    slots.close();
  }
}
