package io.sluice.backbone.form;

import io.sluice.backbone.form.Makers.Axis;
import io.sluice.backbone.form.Makers.Size;
import io.sluice.backbone.graph.Node;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A tensor (batch, seq, heads * size) as attention reads it: its last axis split, the four axes in
 * another order, everything multiplied by a number.
 *
 * @param source what is split
 * @param axes which of (batch, seq, heads, size) stands where
 */
record Heads(String source, int count, int size, List<Integer> axes, float scale) {
  /** (batch, heads, seq, size): as queries and values are read. */
  static final List<Integer> ROWS = List.of(0, 2, 1, 3);

  /** (batch, heads, size, seq): as keys are read. */
  static final List<Integer> COLUMNS = List.of(0, 2, 3, 1);

  private static final List<Integer> AS_THEY_ARE = List.of(0, 1, 2, 3);
  private static final List<Integer> LAST_SWAPPED = List.of(0, 1, 3, 2);
  private static final int RANK = 4;

  /** What the tensor is, if nothing but that. */
  static @Nullable Heads of(Makers makers, String tensor) {
    List<Integer> axes = AS_THEY_ARE;
    float scale = 1;
    String at = tensor;
    while (true) {
      Scaled scaled = Scaled.of(makers, at);
      at = scaled.tensor();
      scale *= scaled.by();
      Node transpose = makers.of(at, "Transpose");
      Node reshape = makers.of(at, "Reshape");
      if (transpose != null) {
        List<Long> order = transpose.intsAttribute("perm", List.of());
        if (order.size() != RANK) {
          return null;
        }
        axes = axes.stream().map(axis -> Math.toIntExact(order.get(axis))).toList();
        at = transpose.inputs().get(0);
      } else if (reshape == null) {
        return null;
      } else {
        String swapped = swapped(makers, reshape);
        if (swapped == null) {
          return split(makers, reshape, axes, scale);
        }
        axes = axes.stream().map(LAST_SWAPPED::get).toList();
        at = swapped;
      }
    }
  }

  private static @Nullable Heads split(
      Makers makers, Node reshape, List<Integer> axes, float scale) {
    long[] target = makers.integers(reshape.input(1));
    if (target == null || !splits(target) || reshape.intAttribute("allowzero", 0) != 0) {
      return null;
    }
    if (!makers.hasRank(reshape.inputs().get(0), 3)) {
      return null;
    }
    Scaled source = Scaled.of(makers, reshape.inputs().get(0));
    return new Heads(source.tensor(), (int) target[2], (int) target[3], axes, scale * source.by());
  }

  private static boolean splits(long[] target) {
    return target.length == RANK
        && target[0] == 0
        && target[1] == 0
        && target[2] > 0
        && target[3] > 0;
  }

  /**
   * What an exporter swaps the last two axes of through three: (a, b, c, d) as (ab, c, d), as (ab,
   * d, c), as (a, b, d, c). Null for any other reshape.
   */
  private static @Nullable String swapped(Makers makers, Node reshape) {
    Node transpose = makers.of(reshape.inputs().get(0), "Transpose");
    if (transpose == null || !Makers.isOrder(transpose, 0L, 2L, 1L)) {
      return null;
    }
    Node flattened = makers.of(transpose.inputs().get(0), "Reshape");
    if (flattened == null) {
      return null;
    }
    String from = flattened.inputs().get(0);
    List<Axis> axes = AS_THEY_ARE.stream().map(i -> makers.root(new Axis(from, i))).toList();
    List<Record> flat = makers.sizes(flattened.inputs().get(1));
    List<Record> back = makers.sizes(reshape.inputs().get(1));
    boolean swaps =
        List.of(new Size(-1), axes.get(2), axes.get(3)).equals(flat)
            && List.of(axes.get(0), axes.get(1), axes.get(3), axes.get(2)).equals(back);
    return swaps ? from : null;
  }
}
