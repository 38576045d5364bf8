package io.sluice.loadtest;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.TextPair;

/** One text for one task. */
public record Ask(String task, TextPair text) {
  public Ask {
    requireNonNull(task, "task");
    requireNonNull(text, "text");
  }
}
