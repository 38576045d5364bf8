package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.registry.answer.SpanWindows;
import java.util.List;

/**
 * What the engine made of a question about a passage.
 *
 * @param windows the rows the passage was laid out in
 * @param results what became of each, in their order
 * @param tokenizeNanos time to tokenize once and lay the windows
 */
public record PassageAnswer(SpanWindows windows, List<RowResult> results, long tokenizeNanos) {
  public PassageAnswer {
    requireNonNull(windows, "windows");
    results = List.copyOf(results);
  }
}
