package io.sluice.backbone;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.Value;

/**
 * A tensor that the prologue computes once and hands to every block that asks for it: masks,
 * positions, position biases. It never depends on the hidden states.
 *
 * @param value name, type and shape as {@link Backbone#prologue()} gives it
 * @param perRow true where axis 0 is the batch and row i depends on row i of the inputs alone, so
 *     that whoever runs a block on some of the rows hands it those rows of this tensor; false where
 *     the tensor is the same for every batch and is handed over whole
 */
public record ContextTensor(Value value, boolean perRow) {
  public ContextTensor {
    requireNonNull(value, "value");
  }

  /** The tensor's name. */
  public String name() {
    return value.name();
  }
}
