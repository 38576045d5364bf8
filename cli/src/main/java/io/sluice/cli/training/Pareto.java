package io.sluice.cli.training;

import io.sluice.trainer.TrainResult;
import io.sluice.trainer.metric.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a sweep reached: cost against score. Immutable.
 *
 * @param stops one or more, as they were reached: by falling budget
 */
public record Pareto(List<Stop> stops) {
  public Pareto {
    stops = List.copyOf(stops);
  }

  /**
   * A stop.
   *
   * @param budget as stated: {@code 1.4%}
   * @param result what was reached
   * @param file the bundle's name
   */
  public record Stop(String budget, TrainResult result, String file) {
    /** Parameters of the adapters. */
    public long parameters() {
      return result.parameters().adapters();
    }

    /** The measure the task is judged by, on the dev rows. */
    public double score() {
      return result.dev().of(result.dev().primary());
    }

    /** The score in words. */
    public String scoreText() {
      return Score.value(result.dev());
    }
  }

  /** The measure's name. */
  public String measure() {
    return Score.name(stops.get(0).result.dev());
  }

  /** The score without any adapter, in words. */
  public String probeText() {
    return Score.value(stops.get(0).result.probe());
  }

  /** The score without any adapter. */
  public double probe() {
    Metric metric = stops.get(0).result.dev().primary();
    return stops.get(0).result.probe().of(metric);
  }

  /** Whether no other stop is as cheap or cheaper with a higher score, or cheaper with as high. */
  public boolean efficient(Stop stop) {
    return stops.stream()
        .noneMatch(
            other ->
                other.parameters() <= stop.parameters()
                    && other.score() >= stop.score()
                    && (other.parameters() < stop.parameters() || other.score() > stop.score()));
  }

  /** Those stops that are, cheapest first. */
  public List<Stop> front() {
    List<Stop> front = new ArrayList<>(stops.stream().filter(this::efficient).toList());
    front.sort((one, other) -> Long.compare(one.parameters(), other.parameters()));
    return front;
  }

  /** As comma-separated values with a header, one line a stop. */
  public String csv() {
    StringBuilder csv =
        new StringBuilder(
            "budget,limit,cost,unit,adapter_parameters,share_of_backbone,flops_per_token,"
                + "trunk_blocks,measure,score,linear_probe,efficient,bundle,digest\n");
    for (Stop stop : stops) {
      TrainResult result = stop.result;
      csv.append(
          String.format(
              Locale.ROOT,
              "%s,%d,%d,%s,%d,%.8f,%d,%d,%s,%.6f,%.6f,%s,%s,%s\n",
              stop.budget,
              result.budget(),
              result.cost(),
              result.unit(),
              stop.parameters(),
              result.parameters().share(),
              result.bundle().manifest().cost().flopsPerToken(),
              result.bundle().manifest().cost().trunkBlocks(),
              result.dev().primary().code(),
              stop.score(),
              probe(),
              efficient(stop),
              stop.file,
              result.bundle().digest()));
    }
    return csv.toString();
  }
}
