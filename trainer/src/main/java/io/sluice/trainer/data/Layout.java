package io.sluice.trainer.data;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.bundle.TaskKind;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The data sets of GLUE and SuperGLUE, and SQuAD, as they are handed round: which fields hold what
 * in their own files and in copies of them, and what numbered labels mean.
 */
public final class Layout {
  private static final Columns AB = two("a", "b");
  private static final Map<String, RowFormat> BY_NAME = formats();

  private Layout() {}

  /**
   * The layout of that name.
   *
   * @throws SluiceException {@code INVALID_ARGUMENT} if there is none
   */
  public static RowFormat of(String name) {
    RowFormat format = BY_NAME.get(name.toLowerCase(Locale.ROOT));
    if (format == null) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "layout: " + name + " (expected: one of " + String.join(", ", BY_NAME.keySet()) + ")");
    }
    return format;
  }

  private static Map<String, RowFormat> formats() {
    Map<String, RowFormat> formats = new LinkedHashMap<>();
    put(formats, "cola", one("sentence"), "unacceptable", "acceptable");
    put(formats, "sst2", one("sentence"), "negative", "positive");
    put(
        formats,
        "mrpc",
        List.of(
            two("sentence1", "sentence2"), new Columns("#1 String", "#2 String", "Quality"), AB),
        "not_equivalent",
        "equivalent");
    put(
        formats,
        "qqp",
        List.of(
            two("question1", "question2"),
            new Columns("question1", "question2", "is_duplicate"),
            AB),
        "not_duplicate",
        "duplicate");
    List<Columns> inference =
        List.of(
            new Columns("sentence1", "sentence2", "gold_label"),
            two("sentence1", "sentence2"),
            two("premise", "hypothesis"),
            AB);
    put(formats, "mnli", inference, "entailment", "neutral", "contradiction");
    put(formats, "qnli", List.of(two("question", "sentence"), AB), "entailment", "not_entailment");
    put(formats, "rte", inference, "entailment", "not_entailment");
    put(formats, "wnli", inference, "not_entailment", "entailment");
    put(formats, "cb", inference, "entailment", "contradiction", "neutral");
    put(
        formats,
        "copa",
        List.of(
            new Columns("{premise} What was the {question}?", "{choice1} / {choice2}", "label")),
        "first",
        "second");
    put(
        formats,
        "wic",
        List.of(new Columns("{word}: {sentence1}", "sentence2", "label")),
        "false",
        "true");
    formats.put(
        "stsb",
        new RowFormat(
            TaskKind.REGRESS,
            List.of(
                new Columns("sentence1", "sentence2", "score"), two("sentence1", "sentence2"), AB),
            Map.of()));
    formats.put(
        "boolq",
        new RowFormat(
            TaskKind.ANSWER_BOOLEAN,
            List.of(two("question", "passage"), new Columns("question", "passage", "answer")),
            Map.of("0", "false", "1", "true")));
    formats.put(
        "squad",
        new RowFormat(
            TaskKind.ANSWER_SPAN,
            List.of(
                new Columns("question", "context", "answers"),
                new Columns("question", "context", "answer")),
            Map.of()));
    return Collections.unmodifiableMap(formats);
  }

  private static void put(
      Map<String, RowFormat> formats, String name, List<Columns> columns, String... labels) {
    Map<String, String> names = new LinkedHashMap<>();
    for (int i = 0; i < labels.length; i++) {
      names.put(Integer.toString(i), labels[i]);
    }
    formats.put(name, new RowFormat(TaskKind.CLASSIFY, columns, names));
  }

  private static List<Columns> one(String text) {
    return List.of(new Columns(text, null, "label"), Columns.defaults());
  }

  private static Columns two(String text, String pair) {
    return new Columns(text, pair, "label");
  }
}
