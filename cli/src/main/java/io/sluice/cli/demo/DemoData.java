package io.sluice.cli.demo;

import io.sluice.backbone.TextPair;
import io.sluice.trainer.data.Columns;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.data.DatasetReader;
import io.sluice.trainer.data.Split;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the demo learns from and asks: messages to a bicycle workshop, see {@code DATA.md}. */
final class DemoData {
  /** The task's name. */
  static final String TASK = "workshop";

  /** Messages that are in neither part of the data, one for each label. */
  static final List<String> QUESTIONS =
      List.of(
          "hi, the gears on my tourer skip, could someone have a look on Friday?",
          "Something came up at work, is it alright if I bring it Monday and not Friday?",
          "Don't bother with those spokes, my uncle has given me his old wheel.",
          "The yellow racer from last week: has anybody got round to it?",
          "What would I have to pay for two new brake cables?",
          "I've only just got it back from you and the chain has come off twice already.");

  private static final String TRAIN = "workshop-train.jsonl";
  private static final String DEV = "workshop-dev.jsonl";

  private DemoData() {}

  /**
   * The rows, as anybody's files would be read.
   *
   * @param directory where copies of the files go
   */
  static Split rows(Path directory) {
    DatasetReader reader = new DatasetReader(Columns.defaults());
    return new Split(reader.read(copy(TRAIN, directory)), reader.read(copy(DEV, directory)));
  }

  /** Texts to send in a stream. */
  static List<TextPair> texts(Dataset rows) {
    return rows.examples().stream().map(example -> TextPair.of(example.text())).toList();
  }

  private static Path copy(String name, Path directory) {
    Path file = directory.resolve(name);
    try (InputStream in = DemoData.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + ": not in the jar (expected: beside the classes)");
      }
      Files.copy(in, file);
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
