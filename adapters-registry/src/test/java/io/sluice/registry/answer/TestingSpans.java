package io.sluice.registry.answer;

import io.sluice.backbone.TokenSpans;

/** Tokens of a question and a text as a BERT tokenizer lays them: CLS, question, SEP, text, SEP. */
final class TestingSpans {
  static final long CLS = 1;
  static final long SEP = 2;
  static final long FIRST_OF_QUESTION = 100;
  static final long FIRST_OF_TEXT = 1000;

  private TestingSpans() {}

  /** Token t of the text is chars 4 t to 4 t + 3, so that no two touch. */
  static TokenSpans of(int question, int text) {
    int length = question + text + 3;
    long[] ids = new long[length];
    long[] typeIds = new long[length];
    int[] texts = new int[length];
    int[] starts = new int[length];
    int[] ends = new int[length];
    for (int i = 0; i < length; i++) {
      int q = i - 1;
      int t = i - question - 2;
      boolean special = i == 0 || q == question || t == text;
      ids[i] = special ? (i == 0 ? CLS : SEP) : t < 0 ? FIRST_OF_QUESTION + q : FIRST_OF_TEXT + t;
      typeIds[i] = q > question ? 1 : 0;
      texts[i] = special ? TokenSpans.SPECIAL : t < 0 ? 0 : 1;
      if (!special) {
        starts[i] = 4 * (t < 0 ? q : t);
        ends[i] = starts[i] + 3;
      }
    }
    return new TokenSpans(ids, typeIds, texts, starts, ends);
  }
}
