package io.sluice.backbone;

/**
 * Where the code points of a text stand among its chars: the library counts the former, Java the
 * latter. Immutable.
 */
final class CodePoints {
  private final int[] indices;

  private CodePoints(int[] indices) {
    this.indices = indices;
  }

  static CodePoints of(String text) {
    int[] indices = new int[text.codePointCount(0, text.length()) + 1];
    for (int i = 0, at = 0; i < indices.length; i++) {
      indices[i] = at;
      at = i + 1 < indices.length ? text.offsetByCodePoints(at, 1) : at;
    }
    return new CodePoints(indices);
  }

  /** Index of the char with which a code point begins; the text's length behind the last. */
  int index(int codePoint) {
    return indices[Math.min(codePoint, indices.length - 1)];
  }
}
