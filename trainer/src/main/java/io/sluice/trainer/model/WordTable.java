package io.sluice.trainer.model;

/**
 * Where in the flat weights of a backbone the table lies that its tokens are looked up in: a row of
 * {@code width} numbers for each of the vocabulary's words. Most of its rows have no part in a
 * batch, so {@link WordRows} sends those that have, and {@link FlatTensor} leaves the table out.
 *
 * @param offset index of its first number
 */
record WordTable(int offset, int words, int width) {
  /** No table: what is sent is all there is. */
  static final WordTable NONE = new WordTable(0, 0, 0);

  int size() {
    return words * width;
  }

  /** The index behind its last number. */
  int end() {
    return offset + size();
  }
}
