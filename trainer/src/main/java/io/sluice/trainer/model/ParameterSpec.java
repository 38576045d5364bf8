package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * One weight tensor that is learned.
 *
 * @param name its name within its owner
 * @param shape its sizes
 * @param deviation standard deviation of the normal numbers it starts as; 0: zeros
 * @param decayed whether weight decay applies
 * @param gated whether the gate of its owner multiplies it
 */
public record ParameterSpec(
    String name, List<Integer> shape, double deviation, boolean decayed, boolean gated) {
  public ParameterSpec {
    requireNonNull(name, "name");
    shape = List.copyOf(shape);
  }

  /** How many numbers it holds. */
  public int size() {
    return shape.stream().reduce(1, Math::multiplyExact);
  }

  /** The sizes as graphs take them. */
  public long[] dims() {
    return shape.stream().mapToLong(Integer::longValue).toArray();
  }
}
