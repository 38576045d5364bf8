package io.sluice.server.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** How lanes are divided between threads. */
final class Parts {
  private Parts() {}

  /**
   * Parts of as many lanes each as possible, those that go a longer way together side by side.
   *
   * @param most how many parts at most
   */
  static List<List<Lane>> of(List<Lane> lanes, int most) {
    List<Tokens> texts = lanes.stream().map(Lane::tokens).distinct().toList();
    List<Lane> sorted =
        lanes.stream()
            .sorted(
                Comparator.comparingInt((Lane lane) -> texts.indexOf(lane.tokens()))
                    .thenComparingInt(lane -> lane.task().firstPoint()))
            .toList();
    int count = Math.min(most, sorted.size());
    List<List<Lane>> parts = new ArrayList<>();
    for (int part = 0; part < count; part++) {
      int start = part * sorted.size() / count;
      parts.add(sorted.subList(start, (part + 1) * sorted.size() / count));
    }
    return parts;
  }
}
