package io.sluice.trainer.autodiff;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Dim;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.trainer.autodiff.vjp.Emitter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A small forward graph to differentiate: written once, built for each real type and opset. */
record RuleCase(String name, boolean inDouble, Consumer<Body> body) {

  /** A case for float32 and float64. */
  static RuleCase of(String name, Consumer<Body> body) {
    return new RuleCase(name, true, body);
  }

  /** A case whose operators have no float64 kernel on the CPU. */
  static RuleCase floatOnly(String name, Consumer<Body> body) {
    return new RuleCase(name, false, body);
  }

  @Override
  public String toString() {
    return name;
  }

  Body write(DataType type, long opset) {
    Body written = new Body(type, opset);
    body.accept(written);
    return written;
  }

  /** How the values of an input are drawn. */
  enum Draw {
    NORMAL,
    POSITIVE,
    /** Away from zero and from halves and integers, where functions have corners and steps. */
    OFF_CORNERS
  }

  /** The graph of a case while it is written, and how its inputs are to be fed. */
  static final class Body {
    final DataType type;
    final GraphBuilder b;
    final Emitter e;
    final Map<String, Draw> wanted = new LinkedHashMap<>();
    final Map<String, Object[]> dims = new LinkedHashMap<>();
    final Map<String, TensorData> fixed = new LinkedHashMap<>();

    Body(DataType type, long opset) {
      this.type = type;
      this.b = new GraphBuilder("case", opset);
      this.e = new Emitter(b);
    }

    /** A real input whose gradient is checked; symbols batch and seq are 2 and 3, then 1 and 4. */
    String x(Object... shape) {
      return x(Draw.NORMAL, shape);
    }

    String x(Draw draw, Object... shape) {
      String name = b.input("x" + wanted.size(), type, shape);
      wanted.put(name, draw);
      dims.put(name, shape);
      return name;
    }

    String fixed(TensorData value, Object... shape) {
      Object[] declared = shape.length > 0 ? shape : Arrays.stream(value.shape()).boxed().toArray();
      String name = b.input("fixed" + fixed.size(), value.type(), declared);
      fixed.put(name, value);
      return name;
    }

    String real(double value) {
      return e.scalar(type, value);
    }

    String op(String op, String... inputs) {
      return b.node(op, inputs);
    }

    String op(String op, List<String> inputs, Object... attributes) {
      return b.node("", op, inputs, 1, attributes(attributes)).get(0);
    }

    List<String> ops(
        String domain, String op, int count, List<String> inputs, Object... attributes) {
      return b.node(domain, op, inputs, count, attributes(attributes));
    }

    void y(String... tensors) {
      for (String tensor : tensors) {
        b.output(new Value(tensor, type, List.of(new Dim.Rest())));
      }
    }

    Graph graph() {
      return b.build();
    }

    static Map<String, Attribute> attributes(Object... pairs) {
      Map<String, Attribute> attributes = new LinkedHashMap<>();
      for (int i = 0; i < pairs.length; i += 2) {
        Object value = pairs[i + 1];
        Attribute attribute;
        if (value instanceof Number number && !(value instanceof Float)) {
          attribute = Attribute.of(number.longValue());
        } else if (value instanceof Float number) {
          attribute = Attribute.of(number);
        } else if (value instanceof long[] numbers) {
          attribute = Attribute.ints(numbers);
        } else if (value instanceof TensorData tensor) {
          attribute = Attribute.of(tensor);
        } else {
          attribute = Attribute.of((String) value);
        }
        attributes.put((String) pairs[i], attribute);
      }
      return attributes;
    }
  }
}
