package io.sluice.loadtest;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.BackboneTokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random English-like texts of an exact number of tokens. Confined to one thread. */
public final class TextsOfLength {
  private static final List<String> WORDS =
      List.of(
          "the", "a", "good", "bad", "film", "book", "very", "not", "was", "is", "were", "some",
          "plain", "river", "gate", "water", "stone", "light", "dark", "old", "new", "slow", "fast",
          "warm", "cold", "high", "low", "red", "blue", "green", "one", "two", "three", "four",
          "who", "what", "where", "when", "why", "how", "people", "city", "house", "story", "music",
          "day", "night", "man", "woman", "year", "war", "peace", "game", "world", "school");
  private static final int MAX_TRIES = 10_000;

  private final BackboneTokenizer tokenizer;
  private final Random random;

  public TextsOfLength(BackboneTokenizer tokenizer, long seed) {
    this.tokenizer = requireNonNull(tokenizer, "tokenizer");
    this.random = new Random(seed);
  }

  /** {@code count} texts of exactly {@code tokens} tokens, special tokens included. */
  public List<String> texts(int count, int tokens) {
    List<String> texts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      texts.add(text(tokens));
    }
    return texts;
  }

  private String text(int tokens) {
    List<String> words = new ArrayList<>();
    for (int tries = 0; tries < MAX_TRIES; tries++) {
      words.add(WORDS.get(random.nextInt(WORDS.size())));
      String text = String.join(" ", words);
      int length = tokenizer.encode(text, null, Integer.MAX_VALUE).length();
      if (length == tokens) {
        return text;
      }
      if (length > tokens) {
        words.remove(words.size() - 1);
      }
    }
    throw new IllegalStateException(
        "text of " + tokens + " tokens: not found (expected: words of one token each)");
  }
}
