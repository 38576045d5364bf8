package io.sluice.trainer.data;

import io.sluice.backbone.Digest;
import java.util.List;
import java.util.function.Consumer;

/**
 * Labelled rows in the order of their source, a part of them in memory at a time; known to be good
 * rows. Passes may be made again, one at a time.
 */
public interface LabelledRows {
  /** What the rows are read from, for messages. */
  String source();

  /** Names of the text fields, one or two. */
  List<String> textFields();

  /** How many there are, at least one. */
  int size();

  /** Digest of the rows' content and order; neither the source's name nor its format enters. */
  Digest digest();

  /**
   * Hands on all rows.
   *
   * @param most rows of a part, at least one
   * @param sink takes one part after another
   */
  void inParts(int most, Consumer<Dataset> sink);
}
