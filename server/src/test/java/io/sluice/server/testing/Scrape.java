package io.sluice.server.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.hawkular.agent.prometheus.PrometheusScraper;
import org.hawkular.agent.prometheus.types.Counter;
import org.hawkular.agent.prometheus.types.Gauge;
import org.hawkular.agent.prometheus.types.Histogram;
import org.hawkular.agent.prometheus.types.Metric;
import org.hawkular.agent.prometheus.types.MetricFamily;
import org.jspecify.annotations.Nullable;

/** What a Prometheus agent that is not ours reads at {@code /metrics}. */
public final class Scrape {
  private final List<MetricFamily> families;

  private Scrape(List<MetricFamily> families) {
    this.families = families;
  }

  public static Scrape of(int port) {
    try {
      return new Scrape(
          new PrometheusScraper(URI.create("http://127.0.0.1:" + port + "/metrics").toURL())
              .scrape());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Names of all families. */
  public List<String> names() {
    return families.stream().map(MetricFamily::getName).toList();
  }

  /** A counter's or gauge's value; 0 for one that is not there. */
  public double value(String name, Map<String, String> labels) {
    Metric metric = metric(name, labels);
    if (metric instanceof Counter counter) {
      return counter.getValue();
    }
    return metric instanceof Gauge gauge ? gauge.getValue() : 0;
  }

  /** How much a histogram has counted; 0 for one that is not there. */
  public long histogramCount(String name, Map<String, String> labels) {
    return metric(name, labels) instanceof Histogram histogram ? histogram.getSampleCount() : 0;
  }

  private @Nullable Metric metric(String name, Map<String, String> labels) {
    return families.stream()
        .filter(family -> family.getName().equals(name))
        .flatMap(family -> family.getMetrics().stream())
        .filter(metric -> metric.getLabels().equals(labels))
        .findFirst()
        .orElse(null);
  }
}
