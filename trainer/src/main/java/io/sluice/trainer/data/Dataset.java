package io.sluice.trainer.data;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Digest;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/**
 * Labelled rows in the order of their source.
 *
 * @param source what the rows were read from, for messages: a file name, usually
 * @param textFields names of the text fields, one or two
 * @param examples the rows, at least one; all of them pairs if there are two text fields, else
 *     none; truth of one form in all
 */
public record Dataset(String source, List<String> textFields, List<Example> examples)
    implements LabelledRows {
  public Dataset {
    requireNonNull(source, "source");
    textFields = List.copyOf(textFields);
    examples = List.copyOf(examples);
    if (examples.isEmpty()) {
      throw new IllegalArgumentException(source + ": 0 rows (expected: >= 1)");
    }
    if (textFields.isEmpty() || textFields.size() > 2) {
      throw new IllegalArgumentException("textFields: " + textFields + " (expected: one or two)");
    }
    Class<? extends Truth> form = examples.get(0).truth().getClass();
    for (Example example : examples) {
      if (example.truth().getClass() != form) {
        throw new IllegalArgumentException(
            source
                + ":"
                + example.line()
                + ": truth: "
                + example.truth()
                + " (expected: a "
                + form.getSimpleName()
                + " as in the rows before)");
      }
      if ((textFields.size() == 2) != (example.pair() != null)) {
        throw new IllegalArgumentException(
            source
                + ":"
                + example.line()
                + ": texts: not as many as fields (expected: "
                + textFields
                + ")");
      }
    }
  }

  @Override
  public int size() {
    return examples.size();
  }

  /** Whether every row holds two texts. */
  public boolean pairs() {
    return textFields.size() == 2;
  }

  /** The distinct labels, in the order the model numbers them; none where truth has no labels. */
  public LabelSet labels() {
    return LabelSet.of(
        examples.stream().flatMap(example -> labels(example.truth()).stream()).toList());
  }

  private static Collection<String> labels(Truth truth) {
    if (truth instanceof Truth.Labels labels) {
      return labels.names();
    }
    return truth instanceof Truth.Label label ? List.of(label.name()) : List.of();
  }

  @Override
  public Digest digest() {
    DatasetDigest sum = new DatasetDigest();
    examples.forEach(sum::add);
    return sum.digest();
  }

  @Override
  public void inParts(int most, Consumer<Dataset> sink) {
    for (int from = 0; from < size(); from += most) {
      int to = Math.min(size(), from + most);
      sink.accept(new Dataset(source, textFields, examples.subList(from, to)));
    }
  }
}
