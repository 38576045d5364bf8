package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

/**
 * A module that may sit at an insertion point.
 *
 * @param point insertion point, from 1
 * @param kind what it computes
 */
public record Candidate(int point, AdapterKind kind) {
  public Candidate {
    requireNonNull(kind, "kind");
    if (point < 1) {
      throw new IllegalArgumentException("point: " + point + " (expected: >= 1)");
    }
  }
}
