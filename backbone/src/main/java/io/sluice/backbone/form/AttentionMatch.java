package io.sluice.backbone.form;

import io.sluice.backbone.graph.Node;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An attention with several heads that a graph computes step by step: softmax(c q k' + biases) v,
 * each head by itself, the heads side by side.
 *
 * @param biases what is added to the products before the softmax, each broadcast to (batch, heads,
 *     seq, seq)
 * @param scale c
 * @param guarded whether rows without any key are zero instead of not a number
 */
record AttentionMatch(
    Heads query, Heads key, Heads value, List<String> biases, float scale, boolean guarded) {

  /** The products before the softmax. */
  private record Scores(String query, String key, float scale, List<String> biases) {}

  /** The attention whose heads this node puts side by side; null for any other node. */
  static @Nullable AttentionMatch endingAt(Node node, Makers makers) {
    Node transpose = node.is("Reshape") ? makers.of(node.inputs().get(0), "Transpose") : null;
    if (transpose == null || !Makers.isOrder(transpose, 0L, 2L, 1L, 3L)) {
      return null;
    }
    Node weighted = makers.of(transpose.inputs().get(0), "MatMul");
    if (weighted == null) {
      return null;
    }
    String weights = weighted.inputs().get(0);
    String unguarded = unguarded(weights, makers);
    Node softmax = makers.of(unguarded == null ? weights : unguarded, "Softmax");
    Scores scores =
        softmax == null || !isOverLast(softmax) ? null : scores(softmax.inputs().get(0), makers);
    Heads value = Heads.of(makers, weighted.inputs().get(1));
    if (scores == null || value == null) {
      return null;
    }
    Heads query = Heads.of(makers, scores.query());
    Heads key = Heads.of(makers, scores.key());
    if (query == null || key == null) {
      return null;
    }
    boolean fits =
        query.axes().equals(Heads.ROWS)
            && key.axes().equals(Heads.COLUMNS)
            && value.axes().equals(Heads.ROWS)
            && same(query, key)
            && same(query, value)
            && value.scale() == 1
            && isJoined(node, query, makers);
    return fits
        ? new AttentionMatch(
            query,
            key,
            value,
            scores.biases(),
            scores.scale() * query.scale() * key.scale(),
            unguarded != null)
        : null;
  }

  /** Heads times size: the length of a token's vector. */
  int width() {
    return query.count() * query.size();
  }

  private static boolean same(Heads a, Heads b) {
    return a.count() == b.count() && a.size() == b.size();
  }

  private static boolean isOverLast(Node softmax) {
    long axis = softmax.intAttribute("axis", -1);
    return axis == -1 || axis == 3;
  }

  private static boolean isJoined(Node reshape, Heads heads, Makers makers) {
    long[] target = makers.integers(reshape.input(1));
    return target != null
        && target.length == 3
        && target[0] == 0
        && target[1] == 0
        && target[2] == (long) heads.count() * heads.size()
        && reshape.intAttribute("allowzero", 0) == 0;
  }

  /** What is zero where this tensor would not be a number, of Where(IsNaN(x), 0, x). */
  private static @Nullable String unguarded(String tensor, Makers makers) {
    Node where = makers.of(tensor, "Where");
    Node test = where == null ? null : makers.of(where.inputs().get(0), "IsNaN");
    Float zero = where == null ? null : makers.number(where.input(1));
    return where != null
            && test != null
            && zero != null
            && zero == 0
            && test.inputs().get(0).equals(where.inputs().get(2))
        ? where.inputs().get(2)
        : null;
  }

  private static @Nullable Scores scores(String tensor, Makers makers) {
    Scaled scaled = Scaled.of(makers, tensor);
    Node product = makers.of(scaled.tensor(), "MatMul");
    if (product != null) {
      return new Scores(product.inputs().get(0), product.inputs().get(1), scaled.by(), List.of());
    }
    Node sum = makers.of(tensor, "Add");
    if (sum == null) {
      return null;
    }
    Scores left = scores(sum.inputs().get(0), makers);
    Scores right = left == null ? scores(sum.inputs().get(1), makers) : null;
    Scores found = left == null ? right : left;
    if (found == null) {
      return null;
    }
    List<String> biases = new ArrayList<>(found.biases());
    biases.add(sum.inputs().get(left == null ? 0 : 1));
    return new Scores(found.query(), found.key(), found.scale(), biases);
  }
}
