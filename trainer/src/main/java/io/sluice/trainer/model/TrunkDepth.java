package io.sluice.trainer.model;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.GraphBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How far up a backbone is untouched by candidates. */
public final class TrunkDepth {
  private TrunkDepth() {}

  /**
   * The highest boundary that no candidate changes and above which all of them lie: that of the
   * lowest candidate's point if candidates there read only what the block hands on, the one below
   * if one of them reads what enters the block as well.
   *
   * @param candidates in any order
   * @param points the backbone's insertion points: the result where there are no candidates
   */
  public static int of(List<Candidate> candidates, int hidden, int points) {
    int lowest = candidates.stream().mapToInt(Candidate::point).min().orElse(points + 1);
    boolean around =
        candidates.stream()
            .filter(candidate -> candidate.point() == lowest)
            .anyMatch(candidate -> readsBlockInput(candidate.kind(), hidden));
    return lowest > points ? points : around ? lowest - 1 : lowest;
  }

  private static boolean readsBlockInput(AdapterKind kind, int hidden) {
    GraphBuilder graph = new GraphBuilder("probe", 18);
    String input = graph.input("x", DataType.FLOAT, "batch", "seq", hidden);
    String output = graph.input("y", DataType.FLOAT, "batch", "seq", hidden);
    Map<String, String> weights = new HashMap<>();
    for (ParameterSpec spec : kind.parameters(hidden)) {
      Object[] dims = spec.shape().stream().map(Integer::longValue).toArray();
      weights.put(spec.name(), graph.input("w_" + spec.name(), DataType.FLOAT, dims));
    }
    kind.delta(graph, input, output, weights);
    return graph.build().consumers().containsKey(input);
  }
}
