package io.sluice.trainer.model;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.GraphBuilder;
import java.util.List;
import java.util.Map;

/**
 * How a weight of several modules of one kind becomes the weight of one module that computes the
 * sum of what they compute: inner units lie side by side, what acts on the output adds up.
 */
public enum Joint {
  /** Axis 0 counts inner units. */
  ROWS,
  /** The last axis counts inner units. */
  COLUMNS,
  /** No axis counts inner units; the values add up. */
  SUM;

  /** The joined weight inside a graph. */
  String emit(GraphBuilder graph, List<String> parts) {
    if (parts.size() == 1) {
      return parts.get(0);
    }
    return switch (this) {
      case ROWS -> graph.node("Concat", parts, Map.of("axis", Attribute.of(0L)));
      case COLUMNS -> graph.node("Concat", parts, Map.of("axis", Attribute.of(-1L)));
      case SUM -> graph.node("Sum", parts, Map.of());
    };
  }

  /**
   * The joined weight's values.
   *
   * @param specs the form of each part; they differ in the number of inner units only
   * @param parts values of each part, row-major; read only
   */
  public float[] join(List<ParameterSpec> specs, List<float[]> parts) {
    return switch (this) {
      case ROWS -> interleaved(parts, 1);
      case COLUMNS -> interleaved(parts, specs.get(0).size() / units(specs.get(0)));
      case SUM -> sum(parts);
    };
  }

  /**
   * The values with only some of the inner units.
   *
   * @param values of a weight of form {@code spec}, row-major; read only
   * @param units numbers of the units that stay, ascending
   */
  public float[] select(ParameterSpec spec, float[] values, List<Integer> units) {
    if (this == SUM) {
      return values.clone();
    }
    int all = units(spec);
    int width = this == ROWS ? values.length / all : 1;
    int rows = this == ROWS ? 1 : values.length / all;
    float[] selected = new float[rows * units.size() * width];
    int at = 0;
    for (int row = 0; row < rows; row++) {
      for (int unit : units) {
        System.arraycopy(values, (row * all + unit) * width, selected, at, width);
        at += width;
      }
    }
    return selected;
  }

  /** How many inner units a weight of this form has. */
  private int units(ParameterSpec spec) {
    return spec.shape().get(this == ROWS ? 0 : spec.shape().size() - 1);
  }

  private static float[] interleaved(List<float[]> parts, int rows) {
    float[] joined = new float[parts.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (int row = 0; row < rows; row++) {
      for (float[] part : parts) {
        int width = part.length / rows;
        System.arraycopy(part, row * width, joined, at, width);
        at += width;
      }
    }
    return joined;
  }

  private static float[] sum(List<float[]> parts) {
    float[] joined = parts.get(0).clone();
    for (float[] part : parts.subList(1, parts.size())) {
      for (int i = 0; i < joined.length; i++) {
        joined[i] += part[i];
      }
    }
    return joined;
  }
}
