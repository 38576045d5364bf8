package io.sluice.loadtest;

import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.TextPair;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Texts of random words that have an exact number of tokens. Stateless. */
public final class TextsOfLength {
  /** Everyday words; those a tokenizer has as one token are used. */
  private static final List<String> WORDS =
      List.of(
          ("the of and to in a is that for it was on are as with they at be this have from or one"
                  + " had by word but not what all were we when your can said there use an each"
                  + " which she do how their if will up other about out many then them these so"
                  + " some her would make like him into time has look two more write go see number"
                  + " no way could people my than first water been call who oil its now find long"
                  + " down day did get come made may part over new sound take only little work know"
                  + " place year live me back give most very after thing our just name good man"
                  + " think say great where help through much before line right too mean old any"
                  + " same tell boy follow came want show also around form three small set put end"
                  + " does another well large must big even such because turn here why ask went men"
                  + " read need land different home us move try kind hand picture again change off"
                  + " play air away animal house point page letter mother answer found study still"
                  + " learn should world high every near food between own below country plant last"
                  + " school father keep tree never start city earth eye light thought head under")
              .split(" "));

  private TextsOfLength() {}

  /** The words texts are made of, some twice. */
  public static List<String> words() {
    return WORDS;
  }

  /**
   * Distinct texts, as far as chance goes.
   *
   * @param tokens of each, special tokens included; above those of a word by itself
   * @param seed same seed, same texts
   */
  public static List<TextPair> of(BackboneTokenizer tokenizer, int tokens, int count, long seed) {
    int most = 4 * tokens;
    int special = tokenizer.encode("", null, most).length();
    List<String> words =
        WORDS.stream()
            .filter(word -> tokenizer.encode(word, null, most).length() == special + 1)
            .toList();
    if (words.isEmpty() || tokens <= special) {
      throw new IllegalArgumentException(
          "tokens: "
              + tokens
              + " with "
              + words.size()
              + " words (expected: above "
              + special
              + ", and words of one token)");
    }
    Random random = new Random(seed);
    List<TextPair> texts = new ArrayList<>();
    while (texts.size() < count) {
      List<String> chosen = new ArrayList<>();
      while (chosen.size() < tokens - special) {
        chosen.add(words.get(random.nextInt(words.size())));
      }
      TextPair text = TextPair.of(String.join(" ", chosen));
      int length = tokenizer.encode(text.text(), null, most).length();
      if (length != tokens) {
        throw new IllegalArgumentException(
            "text: " + length + " tokens (expected: " + tokens + ", a token per word)");
      }
      texts.add(text);
    }
    return texts;
  }
}
