package io.sluice.backbone.runtime;

import io.sluice.backbone.graph.Dim;
import io.sluice.backbone.graph.Shapes;
import io.sluice.backbone.graph.Value;

/**
 * An input or output of a session, with its declaration laid out for a quick check of each tensor.
 * Immutable.
 */
final class Slot {
  private static final long ANY = -1;

  private final Value value;
  private final long[] sizes;

  Slot(Value value) {
    this.value = value;
    this.sizes =
        value.shape().stream()
            .mapToLong(dim -> dim instanceof Dim.Known known ? known.size() : ANY)
            .toArray();
  }

  Value value() {
    return value;
  }

  /**
   * Refuses a tensor that cannot be this value. The runtime declares unknown ranks as rank 0, so
   * that is not checked.
   */
  void require(Tensor tensor) {
    if (tensor.type() != value.type()) {
      throw new IllegalArgumentException(
          value.name() + ": type " + tensor.type() + " (expected: " + value.type() + ")");
    }
    if (sizes.length != 0 && !fits(tensor.sharedShape())) {
      throw new IllegalArgumentException(
          value.name()
              + ": shape "
              + Shapes.describe(tensor.sharedShape())
              + " (expected: "
              + value.describeShape()
              + ")");
    }
  }

  private boolean fits(long[] shape) {
    if (shape.length != sizes.length) {
      return false;
    }
    for (int i = 0; i < sizes.length; i++) {
      if (sizes[i] != ANY && sizes[i] != shape[i]) {
        return false;
      }
    }
    return true;
  }
}
