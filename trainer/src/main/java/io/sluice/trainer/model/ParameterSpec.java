package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * One learned weight of a candidate or of the head.
 *
 * @param name its name within its owner
 * @param shape sizes of its axes
 * @param deviation standard deviation of its starting values; 0: it starts at zero
 * @param decayed whether weight decay applies to it
 * @param gated whether the gate of its owner multiplies it
 * @param joint how it goes together with the same weight of another candidate of its kind
 */
public record ParameterSpec(
    String name,
    List<Integer> shape,
    double deviation,
    boolean decayed,
    boolean gated,
    Joint joint) {
  public ParameterSpec {
    requireNonNull(name, "name");
    requireNonNull(joint, "joint");
    shape = List.copyOf(shape);
  }

  /** A weight that is never joined with another and has no gate, as a head's. */
  public ParameterSpec(String name, List<Integer> shape, double deviation, boolean decayed) {
    this(name, shape, deviation, decayed, false, Joint.SUM);
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
