package io.sluice.registry.probe;

import io.sluice.backbone.Encoding;
import io.sluice.backbone.graph.TensorData;
import io.sluice.registry.bundle.AdapterAbi;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rows of tokens filled up to the longest with id 0, type id 0, attention mask 0. Immutable.
 *
 * @param rows number of rows
 * @param tokens length of the longest row
 * @param lengths tokens of each row without padding
 * @param tensors {@code input_ids}, {@code attention_mask}, {@code token_type_ids}: int64 (rows,
 *     tokens)
 */
record PaddedBatch(int rows, int tokens, List<Integer> lengths, Map<String, TensorData> tensors) {
  private static final String INPUT_IDS = "input_ids";
  private static final String TOKEN_TYPE_IDS = "token_type_ids";

  static PaddedBatch of(List<Encoding> encodings) {
    int rows = encodings.size();
    int tokens = encodings.stream().mapToInt(Encoding::length).max().orElse(0);
    if (encodings.stream().anyMatch(row -> row.length() == 0) || rows == 0) {
      throw new IllegalArgumentException(
          "encodings: " + rows + " rows, or one without tokens (expected: at least 1 of each)");
    }
    long[] ids = new long[rows * tokens];
    long[] mask = new long[rows * tokens];
    long[] typeIds = new long[rows * tokens];
    for (int row = 0; row < rows; row++) {
      Encoding encoding = encodings.get(row);
      System.arraycopy(encoding.ids(), 0, ids, row * tokens, encoding.length());
      System.arraycopy(encoding.typeIds(), 0, typeIds, row * tokens, encoding.length());
      Arrays.fill(mask, row * tokens, row * tokens + encoding.length(), 1);
    }
    return new PaddedBatch(
        rows,
        tokens,
        encodings.stream().map(Encoding::length).toList(),
        Map.of(
            INPUT_IDS,
            TensorData.longs(ids, rows, tokens),
            AdapterAbi.ATTENTION_MASK,
            TensorData.longs(mask, rows, tokens),
            TOKEN_TYPE_IDS,
            TensorData.longs(typeIds, rows, tokens)));
  }

  /** The tensors that a backbone with these inputs takes. */
  Map<String, TensorData> inputs(Set<String> names) {
    Map<String, TensorData> inputs = new HashMap<>(tensors);
    inputs.keySet().retainAll(names);
    return inputs;
  }
}
