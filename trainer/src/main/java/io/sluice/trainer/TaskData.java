package io.sluice.trainer;

import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Digest;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.data.Example;
import io.sluice.trainer.data.LabelSet;
import io.sluice.trainer.model.EncodedRows;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Train and dev rows that fit together.
 *
 * @param train rows to learn from
 * @param dev rows to choose by
 * @param labels the labels of the train rows
 */
record TaskData(Dataset train, Dataset dev, LabelSet labels) {
  private static final int SHOWN = 20;

  /**
   * Checks that they make a task.
   *
   * @throws SluiceException {@code INVALID_ARGUMENT} with everything that is wrong
   */
  static TaskData of(Dataset train, Dataset dev) {
    List<String> problems = new ArrayList<>();
    LabelSet labels = train.labels();
    if (labels.size() < 2) {
      problems.add(
          train.source() + ": labels: only " + labels.names() + " (expected: two or more)");
    }
    if (train.pairs() != dev.pairs()) {
      problems.add(
          dev.source()
              + ": text fields: "
              + dev.textFields()
              + " (expected: "
              + train.textFields()
              + ")");
    }
    List<Example> unknown =
        dev.examples().stream().filter(example -> !labels.contains(example.label())).toList();
    for (Example example : unknown.subList(0, Math.min(SHOWN, unknown.size()))) {
      problems.add(
          dev.source()
              + ":"
              + example.line()
              + ": label: "
              + example.label()
              + " (expected: one of the train rows' "
              + labels.names()
              + ")");
    }
    if (unknown.size() > SHOWN) {
      problems.add(
          "... and " + (unknown.size() - SHOWN) + " more labels the train rows do not have");
    }
    if (!problems.isEmpty()) {
      throw new SluiceException(ErrorCode.INVALID_ARGUMENT, String.join("\n", problems));
    }
    return new TaskData(train, dev, labels);
  }

  /** Digest over both sets. */
  Digest digest() {
    return Digest.of(
        (train.digest().hex() + "\n" + dev.digest().hex() + "\n")
            .getBytes(StandardCharsets.US_ASCII));
  }

  /** The rows of one of the sets as the backbone reads them. */
  EncodedRows encode(Dataset set, BackboneTokenizer tokenizer, int maxTokens) {
    List<Encoding> encodings = new ArrayList<>(set.size());
    int[] numbers = new int[set.size()];
    for (int row = 0; row < numbers.length; row++) {
      Example example = set.examples().get(row);
      encodings.add(tokenizer.encode(example.text(), example.pair(), maxTokens));
      numbers[row] = labels.indexOf(example.label());
    }
    return new EncodedRows(encodings, numbers);
  }
}
