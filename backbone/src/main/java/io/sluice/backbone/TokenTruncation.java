package io.sluice.backbone;

import java.util.Arrays;

/**
 * Drops tokens from an encoding that is too long, so that what is left is what the tokenizers
 * library gives when it truncates {@code longest_first}: special tokens stay, and of two texts the
 * longer one loses first. Immutable.
 */
record TokenTruncation(boolean left) {
  private static final int TEXTS = 2;

  /**
   * @param specialMask 1 for tokens that belong to no text
   * @param sequenceIds 0 or 1: the text of each other token
   */
  Encoding shorten(
      long[] ids, long[] typeIds, long[] specialMask, long[] sequenceIds, int maxTokens) {
    int[] lengths = new int[TEXTS];
    int special = 0;
    for (int i = 0; i < ids.length; i++) {
      if (specialMask[i] == 1) {
        special++;
      } else {
        lengths[sequenceIds[i] == 1 ? 1 : 0]++;
      }
    }
    if (maxTokens < special) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "maxTokens: " + maxTokens + " (expected: at least " + special + ", the special tokens)");
    }
    int[] kept = kept(lengths, maxTokens - special);
    long[] keptIds = new long[maxTokens];
    long[] keptTypeIds = new long[maxTokens];
    int[] seen = new int[TEXTS];
    int size = 0;
    for (int i = 0; i < ids.length; i++) {
      if (specialMask[i] != 1) {
        int text = sequenceIds[i] == 1 ? 1 : 0;
        int position = seen[text]++;
        boolean dropped = left ? position < lengths[text] - kept[text] : position >= kept[text];
        if (dropped) {
          continue;
        }
      }
      keptIds[size] = ids[i];
      keptTypeIds[size++] = typeIds[i];
    }
    return new Encoding(Arrays.copyOf(keptIds, size), Arrays.copyOf(keptTypeIds, size), true);
  }

  /**
   * How many tokens each text keeps: the shorter all of its own if half the room holds it, the
   * longer the rest.
   */
  private static int[] kept(int[] lengths, int room) {
    if (lengths[1] == 0) {
      return new int[] {Math.min(lengths[0], room), 0};
    }
    int shorter = Math.min(lengths[0], lengths[1]);
    int longer = shorter > room ? shorter : Math.max(shorter, room - shorter);
    if (shorter + longer > room) {
      shorter = room / 2;
      longer = room - shorter;
    }
    return lengths[0] > lengths[1] ? new int[] {longer, shorter} : new int[] {shorter, longer};
  }
}
