package io.sluice.trainer;

import static java.util.stream.Collectors.joining;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.trainer.model.AdapterForm;
import io.sluice.trainer.model.AdapterKind;
import io.sluice.trainer.model.SearchSpace;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The candidates that settings ask for on a backbone. */
final class CandidateSpace {
  private CandidateSpace() {}

  /**
   * Every kind at every point.
   *
   * @throws SluiceException {@code INVALID_ARGUMENT} for points that the backbone does not have, or
   *     not in this placement
   */
  static SearchSpace of(Backbone backbone, SearchSettings settings) {
    return SearchSpace.of(points(backbone, settings), kinds(settings));
  }

  /**
   * The first form alone, in one rank, at every point.
   *
   * @throws SluiceException {@code INVALID_ARGUMENT} for points that the backbone does not have, or
   *     not in this placement
   */
  static SearchSpace ofFirstForm(Backbone backbone, SearchSettings settings, int rank) {
    return SearchSpace.of(points(backbone, settings), List.of(firstForm(settings).ofRank(rank)));
  }

  /** The first of the forms, in the order of {@link AdapterForm}. */
  static AdapterForm firstForm(SearchSettings settings) {
    return settings.forms().iterator().next();
  }

  private static Collection<Integer> points(Backbone backbone, SearchSettings settings) {
    List<Integer> available = settings.placement().points(backbone);
    List<Integer> wrong =
        settings.points().stream().filter(point -> !available.contains(point)).toList();
    if (!wrong.isEmpty()) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "points: "
              + wrong.stream().map(String::valueOf).collect(joining(", "))
              + " (expected: "
              + expected(available, backbone)
              + ", as "
              + backbone.name()
              + " has "
              + settings.placement().word()
              + ")");
    }
    return settings.points().isEmpty() ? available : settings.points();
  }

  private static String expected(List<Integer> available, Backbone backbone) {
    return available.size() == backbone.points()
        ? "1.." + backbone.points()
        : available.stream().map(String::valueOf).collect(joining(", "));
  }

  private static List<AdapterKind> kinds(SearchSettings settings) {
    List<AdapterKind> kinds = new ArrayList<>();
    for (AdapterForm form : settings.forms()) {
      if (form.ranked()) {
        settings.ranks().forEach(rank -> kinds.add(form.ofRank(rank)));
      } else {
        kinds.add(form.ofRank(0));
      }
    }
    return kinds;
  }
}
