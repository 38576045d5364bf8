package io.sluice.trainer.data;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.registry.bundle.TaskKind;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads what is right about a row, in the form its kind of task has. Immutable. */
final class TruthReader {
  /** Where a span's start stands if the answer is a plain text. */
  private static final String ANSWER_START = "answer_start";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Labels that are told when one is none of them. */
  private static final int MOST_TOLD = 12;

  private final TaskKind kind;
  private final Map<String, String> labelNames;
  private final Set<String> labels;

  TruthReader(RowFormat format) {
    this.kind = format.kind();
    this.labelNames = format.labelNames();
    this.labels = new LinkedHashSet<>(format.labels());
  }

  /**
   * Reads the truth of a row.
   *
   * @param text what spans are pieces of
   * @return {@code null} if it is none, and {@code problems} says why
   */
  @Nullable Truth read(RowSource.Row row, String name, String text, RowProblems problems) {
    RowSource.Field field = row.fields().get(name);
    try {
      return switch (kind) {
        case CLASSIFY, ANSWER_BOOLEAN -> label(field);
        case MULTI_LABEL -> labels(field);
        case REGRESS -> value(field);
        case ANSWER_SPAN -> spans(field, row.fields().get(ANSWER_START), text);
      };
    } catch (Refusal e) {
      problems.add(row.line(), name, e.found, e.expected);
      return null;
    }
  }

  private Truth label(RowSource.@Nullable Field field) {
    RowSource.Field present = present(field, "a text in every row");
    if (!present.scalar()) {
      throw new Refusal(present.text(), "a text, a whole number or a boolean");
    }
    if (present.text().isBlank()) {
      throw new Refusal("blank", "a text in every row");
    }
    return new Truth.Label(named(present.text()));
  }

  /** A JSON list, or a text with commas. */
  private Truth labels(RowSource.@Nullable Field field) {
    RowSource.Field present = present(field, "a list of labels in every row, maybe an empty one");
    TreeSet<String> names = new TreeSet<>();
    if (present.scalar()) {
      for (String part : present.text().split(",", -1)) {
        if (!part.isBlank()) {
          names.add(named(part));
        }
      }
      return new Truth.Labels(names);
    }
    JsonNode list = json(present.text());
    if (!list.isArray()) {
      throw new Refusal(present.text(), "a list of labels");
    }
    for (JsonNode item : list) {
      if (!item.isValueNode() || item.isNull() || item.asText().isBlank()) {
        throw new Refusal(present.text(), "a list of texts or whole numbers");
      }
      names.add(named(item.asText()));
    }
    return new Truth.Labels(names);
  }

  private static Truth value(RowSource.@Nullable Field field) {
    RowSource.Field present = present(field, "a number in every row");
    try {
      double value = Double.parseDouble(present.text().strip());
      if (Double.isFinite(value)) {
        return new Truth.Value(value);
      }
    } catch (NumberFormatException e) {
      // Falls through: it is no number, or none with a place on the line.
    }
    throw new Refusal(present.text(), "a finite number");
  }

  /**
   * A text with its start beside it; a list of texts; a list of {text, answer_start}; or {text: [],
   * answer_start: []}. Nothing, null, "" and [] are "no answer".
   */
  private static Truth spans(
      RowSource.@Nullable Field field, RowSource.@Nullable Field start, String text) {
    List<Truth.Span> spans = new ArrayList<>();
    if (field == null || (field.scalar() && field.text().isBlank())) {
      return new Truth.Spans(spans);
    }
    if (field.scalar()) {
      spans.add(span(text, field.text(), start == null ? null : json(start.text())));
      return new Truth.Spans(spans);
    }
    JsonNode answers = json(field.text());
    if (answers.isArray()) {
      for (JsonNode answer : answers) {
        spans.add(
            answer.isObject()
                ? span(text, answer.path("text").asText(), answer.get(ANSWER_START))
                : span(text, answer.asText(), null));
      }
    } else if (answers.isObject()) {
      JsonNode texts = answers.path("text");
      for (int i = 0; i < texts.size(); i++) {
        spans.add(span(text, texts.get(i).asText(), answers.path(ANSWER_START).get(i)));
      }
    } else if (!answers.isNull()) {
      throw new Refusal(field.text(), "a text, or a list of them");
    }
    return new Truth.Spans(spans);
  }

  /** Starts are counted in code points by most, in chars by some; without one the first counts. */
  private static Truth.Span span(String text, String answer, @Nullable JsonNode start) {
    if (answer.isBlank()) {
      throw new Refusal("a blank answer", "a piece of the text");
    }
    if (start != null && start.isIntegralNumber()) {
      int stated = start.asInt();
      if (stated >= 0 && stated <= text.codePointCount(0, text.length())) {
        int index = text.offsetByCodePoints(0, stated);
        if (text.startsWith(answer, index)) {
          return new Truth.Span(answer, index);
        }
      }
      if (text.startsWith(answer, stated)) {
        return new Truth.Span(answer, stated);
      }
      throw new Refusal(answer + " at " + stated, "a piece of the text, where it stands in it");
    }
    int index = text.indexOf(answer);
    if (index < 0) {
      throw new Refusal(answer, "a piece of the text");
    }
    return new Truth.Span(answer, index);
  }

  private String named(String label) {
    String plain = label.strip();
    String name = labelNames.getOrDefault(plain, plain);
    if (!labels.isEmpty() && !labels.contains(name)) {
      String told = labels.stream().limit(MOST_TOLD).collect(joining(", "));
      String rest = labels.size() > MOST_TOLD ? ", ... of " + labels.size() : "";
      throw new Refusal(name, "one of " + told + rest);
    }
    return name;
  }

  private static RowSource.Field present(RowSource.@Nullable Field field, String expected) {
    if (field == null) {
      throw new Refusal("absent", expected);
    }
    return field;
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new Refusal(text, "JSON");
    }
  }

  /** What was found, and what was expected; caught where the line is known. */
  private static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String found;
    private final String expected;

    Refusal(String found, String expected) {
      super(found, null, false, false);
      this.found = found;
      this.expected = expected;
    }
  }
}
