package io.sluice.backbone.graph;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.List;

/** The value of one attribute of a {@link Node}. Immutable. */
public sealed interface Attribute {

  record OfInt(long value) implements Attribute {}

  record OfFloat(float value) implements Attribute {}

  record OfString(String value) implements Attribute {
    public OfString {
      requireNonNull(value, "value");
    }
  }

  record OfInts(List<Long> values) implements Attribute {
    public OfInts {
      values = List.copyOf(values);
    }
  }

  record OfFloats(List<Float> values) implements Attribute {
    public OfFloats {
      values = List.copyOf(values);
    }
  }

  record OfStrings(List<String> values) implements Attribute {
    public OfStrings {
      values = List.copyOf(values);
    }
  }

  record OfTensor(TensorData value) implements Attribute {
    public OfTensor {
      requireNonNull(value, "value");
    }
  }

  /** The body of a control-flow node (If, Loop, Scan); may read names of the graphs around it. */
  record OfGraph(Body value) implements Attribute {
    public OfGraph {
      requireNonNull(value, "value");
    }
  }

  static Attribute of(long value) {
    return new OfInt(value);
  }

  static Attribute of(float value) {
    return new OfFloat(value);
  }

  static Attribute of(String value) {
    return new OfString(value);
  }

  static Attribute of(TensorData value) {
    return new OfTensor(value);
  }

  static Attribute ints(long... values) {
    return new OfInts(Arrays.stream(values).boxed().toList());
  }
}
