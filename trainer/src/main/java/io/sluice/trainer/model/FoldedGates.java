package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Gates multiplied into the weights before a step instead of in its graph, and the gradients of
 * both told from that of the products: dw = z dp, dz = the sum of w dp. For devices on which a
 * graph should have few operators. Confined to one thread; works in parallel.
 */
final class FoldedGates {
  private final ParameterLayout layout;
  private final float[] values;
  private final float[] products;
  private float[] gates = {};

  FoldedGates(ParameterLayout layout) {
    this.layout = requireNonNull(layout, "layout");
    this.values = new float[layout.size()];
    this.products = new float[layout.size()];
  }

  /** Number of weights. */
  int size() {
    return layout.size();
  }

  /**
   * Puts the weights with the gates multiplied in.
   *
   * @param into receives them
   */
  void products(float[] weights, float[] gateValues, FlatTensor into) {
    gates = gateValues.clone();
    layout.slots().parallelStream()
        .forEach(
            slot -> {
              int from = slot.offset();
              int size = slot.spec().size();
              System.arraycopy(weights, from, values, from, size);
              float gate = gate(slot);
              for (int i = from; i < from + size; i++) {
                products[i] = gate * weights[i];
              }
              into.put(products, from, from + size);
            });
  }

  /**
   * The gradients by the weights and by the gates.
   *
   * @param from that by the products
   * @param ofWeights receives that by the weights
   * @return that by the gates
   */
  float[] gradients(FlatTensor from, float[] ofWeights) {
    List<ParameterLayout.Slot> slots = layout.slots();
    double[] ofSlots = new double[slots.size()];
    IntStream.range(0, slots.size())
        .parallel()
        .forEach(number -> ofSlots[number] = slot(slots.get(number), from, ofWeights));
    double[] sums = new double[gates.length];
    for (int i = 0; i < ofSlots.length; i++) {
      if (isGated(slots.get(i))) {
        sums[slots.get(i).owner()] += ofSlots[i];
      }
    }
    float[] ofGates = new float[gates.length];
    for (int i = 0; i < ofGates.length; i++) {
      ofGates[i] = (float) sums[i];
    }
    return ofGates;
  }

  /** One slot's weights; returns its share of the gate's gradient. */
  private double slot(ParameterLayout.Slot slot, FlatTensor from, float[] ofWeights) {
    int end = slot.offset() + slot.spec().size();
    from.get(ofWeights, slot.offset(), end);
    if (!isGated(slot)) {
      return 0;
    }
    // Two sums: additions that wait for each other take longer than all the rest.
    double even = 0;
    double odd = 0;
    int i = slot.offset();
    for (; i + 1 < end; i += 2) {
      even += (double) values[i] * ofWeights[i];
      odd += (double) values[i + 1] * ofWeights[i + 1];
    }
    if (i < end) {
      even += (double) values[i] * ofWeights[i];
    }
    float gate = gate(slot);
    for (i = slot.offset(); i < end; i++) {
      ofWeights[i] *= gate;
    }
    return even + odd;
  }

  private static boolean isGated(ParameterLayout.Slot slot) {
    return slot.spec().gated() && slot.owner() >= 0;
  }

  private float gate(ParameterLayout.Slot slot) {
    return isGated(slot) ? gates[slot.owner()] : 1;
  }
}
