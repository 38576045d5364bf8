package io.sluice.trainer.data;

import static java.util.Objects.requireNonNull;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The distinct labels of a task, numbered from 0. Those of rows are sorted by number if all of them
 * are whole numbers, else by code point, so the order does not depend on the order of the rows.
 */
public final class LabelSet {
  private final List<String> names;
  private final Map<String, Integer> indices = new HashMap<>();

  private LabelSet(List<String> names) {
    this.names = List.copyOf(names);
    for (int i = 0; i < names.size(); i++) {
      indices.put(names.get(i), i);
    }
  }

  /** Numbers some labels, each of which may occur more than once. */
  public static LabelSet of(Collection<String> labels) {
    boolean numeric = labels.stream().allMatch(label -> label.matches("-?\\d{1,18}"));
    Comparator<String> natural = Comparator.naturalOrder();
    Comparator<String> byNumber = Comparator.comparingLong((String label) -> Long.parseLong(label));
    TreeSet<String> sorted = new TreeSet<>(numeric ? byNumber.thenComparing(natural) : natural);
    sorted.addAll(labels);
    return new LabelSet(List.copyOf(sorted));
  }

  /** Distinct labels that are numbered already, in their order. */
  public static LabelSet inOrder(List<String> names) {
    return new LabelSet(names);
  }

  public List<String> names() {
    return names;
  }

  public int size() {
    return names.size();
  }

  /** The label's number. */
  public int indexOf(String label) {
    Integer index = indices.get(requireNonNull(label, "label"));
    if (index == null) {
      throw new IllegalArgumentException("label: " + label + " (expected: one of " + names + ")");
    }
    return index;
  }
}
