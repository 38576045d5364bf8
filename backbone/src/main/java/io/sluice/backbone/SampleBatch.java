package io.sluice.backbone;

import io.sluice.backbone.graph.TensorData;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * A batch of random word ids, rows padded to different lengths.
 *
 * @param ids row-major (rows, tokens), 0 where padded
 * @param mask 1 for tokens, 0 for padding
 * @param typeIds 0 or 1
 */
@SuppressWarnings("ArrayRecordComponent") // Sample values; equality is not asked for.
record SampleBatch(int rows, int tokens, long[] ids, long[] mask, long[] typeIds) {

  /** Row r has {@code 2 r} tokens less than row 0, but at least one. */
  static SampleBatch ragged(
      RandomGenerator random, int rows, int tokens, long vocabularyRows, boolean twoTypes) {
    long lowest = Math.min(5, vocabularyRows - 1);
    long[] ids = new long[rows * tokens];
    long[] mask = new long[rows * tokens];
    long[] typeIds = new long[rows * tokens];
    for (int row = 0; row < rows; row++) {
      int length = Math.max(1, tokens - 2 * row);
      for (int token = 0; token < length; token++) {
        int i = row * tokens + token;
        ids[i] = random.nextLong(lowest, vocabularyRows);
        mask[i] = 1;
        typeIds[i] = twoTypes && 2 * token >= length ? 1 : 0;
      }
    }
    return new SampleBatch(rows, tokens, ids, mask, typeIds);
  }

  /** The values for those of the model's inputs that are named. */
  Map<String, TensorData> inputs(Set<String> names) {
    Map<String, TensorData> inputs = new HashMap<>();
    for (String name : names) {
      long[] values =
          switch (name) {
            case "input_ids" -> ids;
            case "attention_mask" -> mask;
            case "token_type_ids" -> typeIds;
            default ->
                throw new IllegalArgumentException(
                    "input: " + name + " (expected: one of a backbone)");
          };
      inputs.put(name, TensorData.longs(values, rows, tokens));
    }
    return inputs;
  }

  /** Number of tokens of a row that are not padding. */
  int length(int row) {
    int length = 0;
    for (int token = 0; token < tokens; token++) {
      length += (int) mask[row * tokens + token];
    }
    return length;
  }

  /** One row without its padding. */
  SampleBatch alone(int row) {
    int length = length(row);
    return new SampleBatch(
        1, length, cut(ids, row, length), cut(mask, row, length), cut(typeIds, row, length));
  }

  private long[] cut(long[] values, int row, int length) {
    return java.util.Arrays.copyOfRange(values, row * tokens, row * tokens + length);
  }
}
