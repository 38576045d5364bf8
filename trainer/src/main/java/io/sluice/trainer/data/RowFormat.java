package io.sluice.trainer.data;

import static java.util.Objects.requireNonNull;

import io.sluice.registry.bundle.TaskKind;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How rows are to be read.
 *
 * @param kind what their truth is read as
 * @param columns which fields hold texts and truth: the first of these that suits a source
 * @param labelNames what labels are to be called, by what stands in the source; those not named
 *     stay
 * @param labels the only ones there may be, by the names they are to have; none: any
 */
public record RowFormat(
    TaskKind kind, List<Columns> columns, Map<String, String> labelNames, List<String> labels) {
  public RowFormat {
    columns = List.copyOf(columns);
    labelNames = Map.copyOf(labelNames);
    labels = List.copyOf(labels);
    if (columns.isEmpty()) {
      throw new IllegalArgumentException("columns: none (expected: one or more)");
    }
  }

  /** Rows with any labels. */
  public RowFormat(TaskKind kind, List<Columns> columns, Map<String, String> labelNames) {
    this(kind, columns, labelNames, List.of());
  }

  /** Rows of a kind in the fields such rows usually have. */
  public static RowFormat of(TaskKind kind) {
    List<Columns> columns =
        switch (kind) {
          case CLASSIFY, REGRESS -> List.of(Columns.defaults());
          case MULTI_LABEL -> List.of(new Columns(null, null, "labels"), Columns.defaults());
          case ANSWER_BOOLEAN, ANSWER_SPAN ->
              Layout.of(kind == TaskKind.ANSWER_SPAN ? "squad" : "boolq").columns();
        };
    return new RowFormat(kind, columns, Map.of());
  }

  /** Rows of a kind in fields of these names. */
  public static RowFormat of(TaskKind kind, Columns columns) {
    return new RowFormat(kind, List.of(columns), Map.of());
  }

  /** The fields of a source that has these. */
  Columns.Resolved resolve(Set<String> fields) {
    IllegalArgumentException refusal = null;
    for (Columns choice : columns) {
      try {
        return checked(choice.resolve(fields));
      } catch (IllegalArgumentException e) {
        refusal = refusal == null ? e : refusal;
      }
    }
    throw requireNonNull(refusal, "refusal");
  }

  private Columns.Resolved checked(Columns.Resolved resolved) {
    boolean pairs = kind == TaskKind.ANSWER_SPAN || kind == TaskKind.ANSWER_BOOLEAN;
    if (pairs && resolved.pair() == null) {
      throw new IllegalArgumentException(
          "fields: one text, " + resolved.text() + " (expected: two, the question and the text)");
    }
    return resolved;
  }
}
