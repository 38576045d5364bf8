package io.sluice.backbone;

import static java.util.Objects.requireNonNull;

/**
 * All tokens of a text or pair of texts, special tokens included, nothing cut off, and what piece
 * of which text each stands for. Arrays have one element a token; not copied, read only.
 *
 * @param ids token ids
 * @param typeIds token type ids, as the tokenizer sets them
 * @param texts 0 for tokens of the first text, 1 for the second, {@link #SPECIAL} for neither
 * @param starts index of the first char in its text; 0 for special tokens
 * @param ends index behind the last char in its text; 0 for special tokens
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
public record TokenSpans(long[] ids, long[] typeIds, int[] texts, int[] starts, int[] ends) {
  /** Stands for a token that belongs to no text. */
  public static final int SPECIAL = -1;

  public TokenSpans {
    requireNonNull(ids, "ids");
    int[] lengths = {typeIds.length, texts.length, starts.length, ends.length};
    for (int length : lengths) {
      if (length != ids.length) {
        throw new IllegalArgumentException(
            "spans: " + length + " (expected: " + ids.length + ", as many as ids)");
      }
    }
  }

  /** Number of tokens. */
  public int length() {
    return ids.length;
  }
}
