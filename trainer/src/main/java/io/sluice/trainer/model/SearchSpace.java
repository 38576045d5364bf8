package io.sluice.trainer.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * All candidates a run may choose from, in order of insertion point; several may sit at one point.
 *
 * @param candidates at least one
 */
public record SearchSpace(List<Candidate> candidates) {
  public SearchSpace {
    candidates = List.copyOf(candidates);
    if (candidates.isEmpty()) {
      throw new IllegalArgumentException("candidates: none (expected: >= 1)");
    }
    for (int i = 1; i < candidates.size(); i++) {
      if (candidates.get(i).point() < candidates.get(i - 1).point()) {
        throw new IllegalArgumentException(
            "candidates: point "
                + candidates.get(i).point()
                + " behind point "
                + candidates.get(i - 1).point()
                + " (expected: in order of points)");
      }
    }
  }

  /** Every kind at every point. */
  public static SearchSpace of(Collection<Integer> points, List<? extends AdapterKind> kinds) {
    List<Candidate> candidates = new ArrayList<>();
    for (int point : points.stream().sorted().distinct().toList()) {
      for (AdapterKind kind : kinds) {
        candidates.add(new Candidate(point, kind));
      }
    }
    return new SearchSpace(candidates);
  }

  public int size() {
    return candidates.size();
  }
}
