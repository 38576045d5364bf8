package io.sluice.trainer.data;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** What is right about an example: one form a kind of task. Immutable. */
public sealed interface Truth permits Truth.Label, Truth.Labels, Truth.Value, Truth.Spans {

  /** Fields that say the same, for digests. */
  List<String> fields();

  /** What rows are kept in proportion by when a set is cut in two. */
  String stratum();

  /**
   * One label of several.
   *
   * @param name of the class, not blank
   */
  record Label(String name) implements Truth {
    public Label {
      requireNonNull(name, "name");
    }

    @Override
    public List<String> fields() {
      return List.of(name);
    }

    @Override
    public String stratum() {
      return name;
    }
  }

  /**
   * Any number of labels.
   *
   * @param names of them, maybe none
   */
  record Labels(SortedSet<String> names) implements Truth {
    public Labels {
      names = Collections.unmodifiableSortedSet(new TreeSet<>(names));
    }

    @Override
    public List<String> fields() {
      return List.copyOf(names);
    }

    @Override
    public String stratum() {
      return names.isEmpty() ? "" : names.first();
    }
  }

  /**
   * A number.
   *
   * @param value finite
   */
  record Value(double value) implements Truth {
    public Value {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException("value: " + value + " (expected: finite)");
      }
    }

    @Override
    public List<String> fields() {
      return List.of(Double.toString(value));
    }

    @Override
    public String stratum() {
      return "";
    }
  }

  /**
   * A span of the second text, which may be stated in several ways, or none.
   *
   * @param answers none: the text does not say
   */
  record Spans(List<Span> answers) implements Truth {
    public Spans {
      answers = List.copyOf(answers);
    }

    @Override
    public List<String> fields() {
      return answers.stream().map(span -> span.start + ":" + span.text).toList();
    }

    @Override
    public String stratum() {
      return answers.isEmpty() ? "no answer" : "answer";
    }
  }

  /**
   * A piece of text.
   *
   * @param text the piece, not blank
   * @param start index of its first char
   */
  record Span(String text, int start) {
    /** Index behind its last char. */
    public int end() {
      return start + text.length();
    }
  }
}
