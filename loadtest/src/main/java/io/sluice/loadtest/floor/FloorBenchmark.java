package io.sluice.loadtest.floor;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.loadtest.Target;
import io.sluice.loadtest.report.Environment;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.TaskKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Measures a server and its floor in one run: every series has its turn in every round, and rounds
 * begin at different series, so that drift and other processes hit all alike.
 *
 * <p>The server may run in this process; then both share ONNX Runtime's thread pool. Blocking;
 * confined to one thread.
 */
public final class FloorBenchmark {
  /** Most time that requests are asked for before anything is measured, in series. */
  private static final int WARM_UP_SERIES = 40;

  private final Backbone backbone;
  private final AdapterBundle bundle;
  private final OnnxRuntime runtime;
  private final Target server;
  private final String task;

  /**
   * @param bundle of kind classify over one text, for rows of at least 64 tokens
   * @param server data port of a running server
   * @param task the task whose active bundle is {@code bundle}
   */
  public FloorBenchmark(
      Backbone backbone, AdapterBundle bundle, OnnxRuntime runtime, Target server, String task) {
    this.backbone = requireNonNull(backbone, "backbone");
    this.bundle = requireNonNull(bundle, "bundle");
    this.runtime = requireNonNull(runtime, "runtime");
    this.server = requireNonNull(server, "server");
    this.task = requireNonNull(task, "task");
    bundle.requireBackbone(backbone);
    requireMeasurable(bundle);
  }

  /**
   * Runs the benchmark.
   *
   * @param progress is told in words what is being done; one line at a time
   */
  public FloorReport run(FloorSettings settings, Consumer<String> progress)
      throws InterruptedException {
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(backbone);
        Peers peers =
            new Peers(backbone, bundle, runtime, tokenizer, server, task, settings.seed())) {
      Environment environment = Environment.here(runtime);
      Map<Series, Recording> recordings = new EnumMap<>(Series.class);
      for (Series series : Series.values()) {
        recordings.put(series, new Recording());
      }
      progress.accept("warming up the server");
      peers.warmUp(settings.series().multipliedBy(WARM_UP_SERIES));
      List<Series> order = new ArrayList<>(recordings.keySet());
      for (int round = 0; round <= settings.repeats(); round++) {
        progress.accept(
            round == 0 ? "warming up all" : "round " + round + " of " + settings.repeats());
        Collections.rotate(order, 1);
        for (Series series : order) {
          Sample sample = peers.measure(series, settings.series());
          if (round > 0) {
            requireNonNull(recordings.get(series)).add(series.kind(), sample);
          }
        }
      }
      return report(environment, settings, recordings, peers);
    }
  }

  private FloorReport report(
      Environment environment,
      FloorSettings settings,
      Map<Series, Recording> recordings,
      Peers peers) {
    Map<Series, Measurement> measurements = new EnumMap<>(Series.class);
    recordings.forEach((series, recording) -> measurements.put(series, recording.of(series)));
    List<Ratio> ratios = new ArrayList<>();
    FloorReport.COMPARISONS.forEach(
        pair ->
            ratios.add(
                Ratio.of(
                    requireNonNull(measurements.get(pair.getKey())),
                    requireNonNull(measurements.get(pair.getValue())))));
    return new FloorReport(
        environment,
        backbone.toString(),
        bundle.digest(),
        describe(bundle),
        settings,
        List.copyOf(measurements.values()),
        ratios,
        peers.stages(),
        peers.failures(),
        null);
  }

  private static String describe(AdapterBundle bundle) {
    return bundle.manifest().cost().parameters()
        + " parameters, adapters at points "
        + bundle.points().keySet();
  }

  /**
   * Refuses a bundle that this cannot measure.
   *
   * @return the bundle
   */
  public static AdapterBundle requireMeasurable(AdapterBundle bundle) {
    boolean fits =
        bundle.manifest().kind() == TaskKind.CLASSIFY
            && bundle.manifest().textFields().size() == 1
            && bundle.manifest().maxTokens() >= Peers.LONG_TOKENS;
    if (!fits) {
      throw new IllegalArgumentException(
          bundle
              + ": "
              + bundle.manifest().kind()
              + ", "
              + bundle.manifest().textFields()
              + ", "
              + bundle.manifest().maxTokens()
              + " tokens (expected: CLASSIFY, one text, at least "
              + Peers.LONG_TOKENS
              + " tokens)");
    }
    return bundle;
  }
}
