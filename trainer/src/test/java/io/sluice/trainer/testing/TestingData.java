package io.sluice.trainer.testing;

import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.data.Example;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Rows of a task over {@link TestingBackbone}'s words that no linear map of word counts solves. */
public final class TestingData {
  private TestingData() {}

  /** Label "same" where both or neither of two groups of words occur, else "other". */
  public static Dataset rows(int count, long seed) {
    Random random = new Random(seed);
    List<Example> examples = new ArrayList<>();
    for (int row = 0; row < count; row++) {
      boolean first = random.nextBoolean();
      boolean second = random.nextBoolean();
      StringBuilder text = new StringBuilder(TestingBackbone.word(4 + random.nextInt(36)));
      text.append(' ').append(TestingBackbone.word(first ? 0 : 1));
      text.append(' ').append(TestingBackbone.word(second ? 2 : 3));
      for (int extra = random.nextInt(4); extra > 0; extra--) {
        text.append(' ').append(TestingBackbone.word(4 + random.nextInt(36)));
      }
      examples.add(new Example(text.toString(), null, first == second ? "same" : "other", row + 1));
    }
    return new Dataset("testing-" + seed, List.of("text"), examples);
  }
}
