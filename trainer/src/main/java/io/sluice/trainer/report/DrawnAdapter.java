package io.sluice.trainer.report;

import io.sluice.registry.bundle.PointEntry;
import io.sluice.trainer.history.RunHistory;
import io.sluice.trainer.history.SearchedCandidate;
import java.util.List;
import java.util.stream.Stream;

/**
 * An adapter as the drawing of the encoder shows it: a surviving candidate in the form it was
 * searched in, though survivors of one kind at one point compile into one adapter and lose units
 * that do nothing.
 *
 * @param point insertion point, from 1
 * @param form kind and rank for people; names its lane
 * @param parameters learned numbers
 */
record DrawnAdapter(int point, String form, long parameters) {

  /** The survivors; what was compiled if the run has no search to show. */
  static List<DrawnAdapter> of(ReportData data) {
    RunHistory history = data.history();
    return history.survivors().isEmpty()
        ? data.manifest().structure().stream().map(DrawnAdapter::of).toList()
        : history.survivors().stream()
            .map(history.candidates()::get)
            .map(c -> new DrawnAdapter(c.point(), c.form(), c.parameters()))
            .toList();
  }

  /** Whether compiling made anything else of the survivors than what was searched. */
  static boolean compiledOtherwise(ReportData data) {
    List<String> searched = of(data).stream().map(DrawnAdapter::said).toList();
    return !data.manifest().structure().stream()
        .map(entry -> of(entry).said())
        .toList()
        .equals(searched);
  }

  /** The forms that are drawn, in the order of the candidates. */
  static List<String> lanes(RunHistory history, List<DrawnAdapter> adapters) {
    List<String> used = adapters.stream().map(DrawnAdapter::form).toList();
    return Stream.concat(
            history.candidates().stream().map(SearchedCandidate::form).filter(used::contains),
            used.stream())
        .distinct()
        .toList();
  }

  /** Kind and rank of a compiled adapter for people. */
  static String form(PointEntry entry) {
    return new SearchedCandidate(entry.point(), entry.kind(), entry.rank(), 0, 0, 0).form();
  }

  /** For a sentence: {@code low rank of rank 4 at point 3}. */
  String said() {
    return form.replace(", rank", " of rank") + " at point " + point;
  }

  private static DrawnAdapter of(PointEntry entry) {
    return new DrawnAdapter(entry.point(), form(entry), entry.parameters());
  }
}
