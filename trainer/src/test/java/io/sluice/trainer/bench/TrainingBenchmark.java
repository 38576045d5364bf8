package io.sluice.trainer.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.util.Utils;
import com.sun.management.OperatingSystemMXBean;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.RuntimeSettings;
import io.sluice.registry.bundle.Pooling;
import io.sluice.trainer.model.AdaptedGraphs;
import io.sluice.trainer.model.BatchPlan;
import io.sluice.trainer.model.BottleneckSequential;
import io.sluice.trainer.model.Candidate;
import io.sluice.trainer.model.ClassTargets;
import io.sluice.trainer.model.EncodedRows;
import io.sluice.trainer.model.LinearHead;
import io.sluice.trainer.model.ParameterLayout;
import io.sluice.trainer.model.Regularisation;
import io.sluice.trainer.model.SearchSpace;
import io.sluice.trainer.model.TrainingSession;
import io.sluice.trainer.model.TrunkCache;
import io.sluice.trainer.model.TrunkLimits;
import io.sluice.trainer.testing.ProcessMemory;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * One epoch of the embedded encoder's training by us and by libtorch, in turns in one process:
 * every point open, and the lower half closed with the trunk cached on our side. A step is forward,
 * backward, and the gradients in Java arrays; the optimiser is left out on both sides.
 *
 * <p>{@code mvn -Pquick -pl trainer -am test -Dtest=TrainingBenchmark
 * -Dsurefire.failIfNoSpecifiedTests=false}; sizes by {@code SLUICE_BENCH_ROWS}, {@code _BATCH},
 * {@code _ROUNDS}, {@code _THREADS}. On a busy machine give one thread and read the CPU column:
 * libtorch's threads wait for each other actively.
 */
class TrainingBenchmark {
  private static final int LABELS = 3;
  private static final int RANK = 16;
  private static final long SEED = 7;

  private final int rowCount = setting("ROWS", 192);
  private final int batchSize = setting("BATCH", 16);
  private final int rounds = setting("ROUNDS", 7);

  private final OnnxRuntime runtime =
      OnnxRuntime.start(
          new RuntimeSettings(setting("THREADS", RuntimeSettings.defaults().threads())));
  private final Backbone backbone = SluiceMini.load();
  private final EncodedRows rows = rows();
  private final BatchPlan plan = new BatchPlan(rows.lengths(), batchSize, SEED);

  /** One way to train an epoch. */
  private interface Epoch {
    /** The sum of the losses. */
    double run();
  }

  /** Times of one way. */
  private record Series(String name, Epoch epoch, List<Double> wallMillis, List<Double> cpuMillis) {
    static Series of(String name, Epoch epoch) {
      return new Series(name, epoch, new ArrayList<>(), new ArrayList<>());
    }
  }

  @Test
  void epoch_oursAndLibtorchs_inTurns() {
    assumeTrue(
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("os.arch").equals("amd64"),
        "libtorch is on the class path for linux-x86_64 only");
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("ai.djl.pytorch.num_threads", "" + runtime.settings().threads());
    int points = backbone.points();
    try (Ours open = new Ours(1, false);
        Ours upper = new Ours(points / 2 + 1, true);
        TorchEncoder torch = new TorchEncoder(backbone)) {
      List<Series> series =
          List.of(
              Series.of("ours, every point open", open::epoch),
              Series.of("libtorch, every point open", () -> torch(torch, open)),
              Series.of("ours, lower half closed, trunk cached", upper::epoch),
              Series.of("libtorch, lower half closed", () -> torch(torch, upper)));
      long start = System.nanoTime();
      upper.fill();
      double fillMillis = (System.nanoTime() - start) / 1e6;
      double[] losses = series.stream().mapToDouble(s -> s.epoch.run()).toArray();
      assertThat(losses[0]).isCloseTo(losses[1], within(1e-3 * losses[1]));
      assertThat(losses[2]).isCloseTo(losses[3], within(1e-3 * losses[3]));
      for (int round = 0; round < rounds; round++) {
        for (Series s : series) {
          long cpu = cpuNanos();
          long wall = System.nanoTime();
          s.epoch.run();
          s.wallMillis.add((System.nanoTime() - wall) / 1e6);
          s.cpuMillis.add((cpuNanos() - cpu) / 1e6);
        }
      }
      print(series, fillMillis);
    }
  }

  /** The most memory a batch of 32 rows of 128 tokens takes, beyond what is there before. */
  @Test
  void memory_batchOf32RowsOf128Tokens_inMebibytes() {
    assumeTrue(ProcessMemory.known(), "/proc/self/status is not there");
    Random random = new Random(SEED);
    List<Encoding> encodings =
        IntStream.range(0, 32)
            .mapToObj(i -> random.longs(128, 5, 16000).toArray())
            .map(ids -> new Encoding(ids, new long[ids.length], false))
            .toList();
    EncodedRows full = new EncodedRows(encodings, new int[32]);
    int[] all = IntStream.range(0, 32).toArray();
    say("| Batch of 32 x 128, MiB | process before | session | peak of its steps above that |");
    say("|---|--:|--:|--:|");
    for (int lowest : new int[] {1, backbone.points() / 2 + 1}) {
      ProcessMemory.heapBytes();
      long before = ProcessMemory.residentBytes();
      try (Ours ours = new Ours(lowest, lowest > 1)) {
        ProcessMemory.heapBytes();
        long open = ProcessMemory.residentBytes();
        ProcessMemory.resetPeak();
        for (int step = 0; step < 3; step++) {
          ours.session.step(step, full, all, ours.values, ours.gates);
        }
        say(
            "| %s | %d | %d | %d |",
            lowest == 1 ? "every point open" : "lower half closed, trunk cached",
            before >> 20,
            (open - before) >> 20,
            (ProcessMemory.peakBytes() - open) >> 20);
      }
    }
  }

  private void print(List<Series> series, double fillMillis) {
    int steps = plan.stepsPerEpoch();
    say(
        "%s, %d threads, load average %.1f; %d rows of %d to %d tokens (mean %.0f), batch %d: %d"
            + " steps an epoch; %d rounds in turns",
        backbone,
        runtime.settings().threads(),
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
        rows.size(),
        Arrays.stream(rows.lengths()).min().orElseThrow(),
        Arrays.stream(rows.lengths()).max().orElseThrow(),
        Arrays.stream(rows.lengths()).average().orElseThrow(),
        batchSize,
        steps,
        rounds);
    say("| One step, ms (epoch / steps) | wall | CPU |");
    say("|---|--:|--:|");
    for (Series s : series) {
      say(
          "| %s | %s | %s |",
          s.name, quartiles(s.wallMillis, steps), quartiles(s.cpuMillis, steps));
    }
    say(
        "The trunk of all rows, once: %.0f ms, %.1f ms a step of the first epoch.",
        fillMillis, fillMillis / steps);
    say("| Ratio, by rounds | wall | CPU |");
    say("|---|--:|--:|");
    ratio("libtorch / ours, every point open", series.get(1), series.get(0));
    ratio("libtorch / ours, lower half closed", series.get(3), series.get(2));
    ratio("libtorch every point open / ours lower half closed", series.get(1), series.get(2));
    ratio("ours every point open / ours lower half closed", series.get(0), series.get(2));
  }

  private static void ratio(String name, Series above, Series below) {
    List<Double> wall = new ArrayList<>();
    List<Double> cpu = new ArrayList<>();
    for (int i = 0; i < above.wallMillis.size(); i++) {
      wall.add(above.wallMillis.get(i) / below.wallMillis.get(i));
      cpu.add(above.cpuMillis.get(i) / below.cpuMillis.get(i));
    }
    say("| %s | %s | %s |", name, quartiles(wall, 1), quartiles(cpu, 1));
  }

  private static String quartiles(List<Double> values, double divisor) {
    double[] sorted = values.stream().mapToDouble(v -> v / divisor).sorted().toArray();
    int n = sorted.length;
    return String.format(
        Locale.ROOT, "%.2f [%.2f, %.2f]", sorted[n / 2], sorted[n / 4], sorted[n - 1 - n / 4]);
  }

  @SuppressWarnings({"SystemOut", "AnnotateFormatMethod"}) // A program for people.
  private static void say(String format, Object... values) {
    System.out.printf(Locale.ROOT, format + "%n", values);
  }

  private double torch(TorchEncoder torch, Ours same) {
    double loss = 0;
    for (int step = 0; step < plan.stepsPerEpoch(); step++) {
      loss += torch.step(batch(plan.rows(step)), same.byName, same.shapes, same.lowest).loss();
    }
    return loss;
  }

  /** Our side: a compiled step, and its weights as libtorch takes them. */
  private final class Ours implements AutoCloseable {
    final int lowest;
    final float[] values;
    final float[] gates;
    final Map<String, float[]> byName = new LinkedHashMap<>();
    final Map<String, long[]> shapes = new LinkedHashMap<>();
    private final float[] gradients;
    private final float[] gateGradients;
    private final @Nullable TrunkCache trunk;
    private final TrainingSession session;

    Ours(int lowest, boolean cached) {
      this.lowest = lowest;
      List<Candidate> candidates =
          SearchSpace.of(
                  IntStream.rangeClosed(lowest, backbone.points()).boxed().toList(),
                  List.of(new BottleneckSequential(RANK)))
              .candidates();
      AdaptedGraphs graphs =
          new AdaptedGraphs(runtime, backbone, new LinearHead(Pooling.FIRST, LABELS));
      ParameterLayout layout = graphs.layout(candidates);
      int boundary = cached ? graphs.trunkDepth(candidates) : 0;
      trunk =
          cached
              ? new TrunkCache(runtime, backbone, Precision.FP32, boundary, TrunkLimits.defaults())
              : null;
      session =
          new TrainingSession(
              runtime,
              graphs.training(candidates, true, boundary),
              layout.size(),
              candidates.size(),
              Regularisation.none(backbone.hiddenSize(), LABELS),
              trunk);
      values = layout.start(SEED);
      Random random = new Random(SEED);
      for (int i = 0; i < values.length; i++) {
        values[i] += (float) (0.01 * random.nextGaussian());
      }
      gates = new float[candidates.size()];
      Arrays.fill(gates, 0.9f);
      gradients = new float[values.length];
      gateGradients = new float[gates.length];
      describe(layout);
    }

    /** Matrices turned into libtorch's (out, in). */
    private void describe(ParameterLayout layout) {
      for (ParameterLayout.Slot slot : layout.slots()) {
        boolean head = slot.owner() == ParameterLayout.HEAD;
        String name =
            head
                ? slot.spec().shape().size() == 2 ? "head.w" : "head.b"
                : "a" + (lowest + slot.owner()) + "." + slot.spec().name();
        float[] own = Arrays.copyOfRange(values, slot.offset(), slot.offset() + slot.spec().size());
        long[] dims = slot.spec().dims();
        if (dims.length == 2) {
          own = turned(own, (int) dims[0], (int) dims[1]);
          dims = new long[] {dims[1], dims[0]};
        }
        byName.put(name, own);
        shapes.put(name, dims);
        if (!head) {
          String gate = "a" + (lowest + slot.owner()) + ".gate";
          byName.put(gate, new float[] {gates[slot.owner()]});
          shapes.put(gate, new long[] {1});
        }
      }
    }

    void fill() {
      if (trunk != null) {
        trunk.ensure(rows, IntStream.range(0, rows.size()).toArray());
      }
    }

    double epoch() {
      double loss = 0;
      for (int step = 0; step < plan.stepsPerEpoch(); step++) {
        loss += session.step(step, rows, plan.rows(step), values, gates);
        session.gradients(gradients);
        session.gateGradients(gateGradients);
      }
      return loss;
    }

    @Override
    public void close() {
      session.close();
      if (trunk != null) {
        trunk.close();
      }
    }
  }

  private static float[] turned(float[] matrix, int height, int width) {
    float[] turned = new float[matrix.length];
    for (int i = 0; i < height; i++) {
      for (int j = 0; j < width; j++) {
        turned[j * height + i] = matrix[i * width + j];
      }
    }
    return turned;
  }

  private TorchEncoder.Batch batch(int[] numbers) {
    int longest = Arrays.stream(numbers).map(row -> rows.lengths()[row]).max().orElseThrow();
    long[] ids = new long[numbers.length * longest];
    long[] positions = new long[ids.length];
    float[] bias = new float[ids.length];
    float[] targets = new float[numbers.length * LABELS];
    for (int i = 0; i < numbers.length; i++) {
      long[] tokens = rows.encodings().get(numbers[i]).ids();
      for (int j = 0; j < longest; j++) {
        boolean token = j < tokens.length;
        ids[i * longest + j] = token ? tokens[j] : 0;
        positions[i * longest + j] = token ? j + 1 : 0;
        bias[i * longest + j] = token ? 0 : -Float.MAX_VALUE;
      }
      targets[i * LABELS + ((ClassTargets) rows.targets()).labels()[numbers[i]]] =
          1f / numbers.length;
    }
    return new TorchEncoder.Batch(numbers.length, longest, LABELS, ids, positions, bias, targets);
  }

  /** Lengths as sentence pairs have them: most from 20 to 60, some to 100. */
  private EncodedRows rows() {
    Random random = new Random(SEED);
    List<Encoding> encodings = new ArrayList<>();
    int[] labels = new int[rowCount];
    for (int row = 0; row < rowCount; row++) {
      int length = (int) Math.min(100, Math.max(8, 40 + 16 * random.nextGaussian()));
      long[] ids = random.longs(length, 5, 16000).toArray();
      encodings.add(new Encoding(ids, new long[length], false));
      labels[row] = random.nextInt(LABELS);
    }
    return new EncodedRows(encodings, labels);
  }

  private static int setting(String name, int usual) {
    String value = Utils.getEnvOrSystemProperty("SLUICE_BENCH_" + name);
    return value == null ? usual : Integer.parseInt(value);
  }

  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }
}
