package io.sluice.backbone;

import static java.util.Objects.requireNonNull;

/**
 * The tokens of one text or pair of texts, special tokens included, without padding.
 *
 * @param ids token ids; not copied, read only
 * @param typeIds 0 for the first text, 1 for the second, as the tokenizer sets them; as many as
 *     {@code ids}; not copied, read only
 * @param truncated whether tokens were dropped to keep within the limit
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on to tensors; equality is not asked for.
public record Encoding(long[] ids, long[] typeIds, boolean truncated) {
  public Encoding {
    requireNonNull(ids, "ids");
    requireNonNull(typeIds, "typeIds");
    if (ids.length != typeIds.length) {
      throw new IllegalArgumentException(
          "typeIds: " + typeIds.length + " (expected: " + ids.length + ", as many as ids)");
    }
  }

  /** Number of tokens. */
  public int length() {
    return ids.length;
  }
}
