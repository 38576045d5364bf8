package io.sluice.backbone;

/**
 * Halves of characters: what Java and JSON write as two chars, UTF-8 as one character, is no text
 * when one of them stands alone.
 */
public final class Surrogates {
  private Surrogates() {}

  /** Index of the first char of {@code text} that is half a character alone; -1 if none is. */
  public static int firstLone(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        if (Character.isHighSurrogate(c)
            && i + 1 < text.length()
            && Character.isLowSurrogate(text.charAt(i + 1))) {
          i++;
        } else {
          return i;
        }
      }
    }
    return -1;
  }
}
