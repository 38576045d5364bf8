package io.sluice.registry.bundle;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;

/**
 * Rows of tokens with the logits the trainer got for them: what a bundle must still answer where it
 * is served. Immutable as long as nobody writes to the arrays, which are shared, not copied.
 *
 * @param ids token ids per row, unpadded, special tokens included
 * @param typeIds token type ids per row, as many as ids
 * @param logits per row the head's output: one number per label; for a span the start logits of the
 *     row's tokens and then their end logits
 */
public record Probe(List<long[]> ids, List<long[]> typeIds, List<float[]> logits) {
  /** Checks that the rows fit together and that every logit is finite. */
  public Probe {
    ids = List.copyOf(requireNonNull(ids, "ids"));
    typeIds = List.copyOf(requireNonNull(typeIds, "typeIds"));
    logits = List.copyOf(requireNonNull(logits, "logits"));
    if (ids.isEmpty() || typeIds.size() != ids.size() || logits.size() != ids.size()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "probe: %d rows of ids, %d of type ids, %d of logits (expected: equal, at least 1)",
              ids.size(),
              typeIds.size(),
              logits.size()));
    }
    for (int row = 0; row < ids.size(); row++) {
      requireRow(row, ids.get(row), typeIds.get(row), logits.get(row));
    }
  }

  /** Number of rows. */
  public int rows() {
    return ids.size();
  }

  private static void requireRow(int row, long[] ids, long[] typeIds, float[] logits) {
    Checks.range("probe: row " + row + ": tokens", ids.length, 1, 1 << 20);
    Checks.range("probe: row " + row + ": type ids", typeIds.length, ids.length, ids.length);
    Checks.range("probe: row " + row + ": logits", logits.length, 1, 1 << 24);
    for (int i = 0; i < ids.length; i++) {
      Checks.range("probe: row " + row + ": id", ids[i], 0, Integer.MAX_VALUE);
      Checks.range("probe: row " + row + ": type id", typeIds[i], 0, 255);
    }
    for (float logit : logits) {
      Checks.finite("probe: row " + row + ": logit", logit);
    }
  }

  /** Requires that each row suits the task. */
  void requireFits(Manifest manifest) {
    for (int row = 0; row < rows(); row++) {
      int tokens = ids.get(row).length;
      int expected = manifest.logits() * (manifest.kind().answersPerToken() ? tokens : 1);
      Checks.range("row " + row + ": tokens", tokens, 1, manifest.maxTokens());
      Checks.range("row " + row + ": logits", logits.get(row).length, expected, expected);
    }
  }
}
