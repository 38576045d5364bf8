package io.sluice.cli.command.bench;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.DeviceMemory;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.command.option.CommandProcess;
import io.sluice.cli.command.option.DeviceOption;
import io.sluice.cli.command.option.Input;
import io.sluice.cli.command.option.Listed;
import io.sluice.cli.command.option.Output;
import io.sluice.cli.command.option.ThreadsOption;
import io.sluice.cli.terminal.Screen;
import io.sluice.cli.terminal.Table;
import io.sluice.loadtest.bundle.TaskFamily;
import io.sluice.loadtest.floor.PlainForward;
import io.sluice.server.engine.BareEngine;
import io.sluice.server.engine.LoadedTask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.SortedSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures what computes in a server, alone, against one plain session of the untouched model. */
@Command(
    name = "engine",
    description = {
      "Measure batches in the engine, without network and queue, against the untouched model in"
          + " one",
      "plain session on the same device; memory for each further task; logits against the",
      "processor's. Exit code 1 if those are too far apart."
    },
    footer = {
      "",
      "Example: sluice bench engine --device cuda --backbone random:12x768 --rows 1,32,64"
    })
final class BenchEngine implements Callable<Integer> {
  private static final int WARM_RUNS = 3;
  private static final int FEWEST_RUNS = 5;
  private static final int LOWEST_ID = 4;
  private static final int HIGHEST_ID = 200;
  private static final double EXACT = 1e-5;
  private static final double ROUNDED = 0.02;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private BenchBackbone backbone = new BenchBackbone();
  @Mixin private ThreadsOption threads = new ThreadsOption();
  @Mixin private DeviceOption device = new DeviceOption();

  @Option(
      names = "--backbone-precision",
      defaultValue = "FP32",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Precision precision = Precision.FP32;

  @Option(
      names = "--rows",
      paramLabel = "N,...",
      defaultValue = "1,8,32,64",
      description = "Rows of a batch. Default: ${DEFAULT-VALUE}.")
  private String rows = "";

  @Option(
      names = "--tasks",
      paramLabel = "N,...",
      defaultValue = "1,64,1000",
      description = "Tasks that a batch's rows are of, in turn. Default: ${DEFAULT-VALUE}.")
  private String tasks = "";

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "128",
      description = "Tokens of a row. Default: ${DEFAULT-VALUE}.")
  private int tokens;

  @Option(
      names = "--points",
      paramLabel = "N",
      description = "Adapters of a task, at the highest points. Default: the upper half.")
  private @Nullable Integer points;

  @Option(
      names = "--rank",
      defaultValue = "16",
      description = "Inner width of each. Default: ${DEFAULT-VALUE}.")
  private int rank;

  @Option(
      names = "--express-memory",
      paramLabel = "MIB",
      defaultValue = "0",
      description =
          "Memory for sessions over many blocks at once. Default: ${DEFAULT-VALUE}, none.")
  private long expressMebibytes;

  @Option(
      names = "--seconds",
      defaultValue = "1",
      description = "For each figure. Default: ${DEFAULT-VALUE}.")
  private double seconds;

  @Override
  public Integer call() {
    BenchValues.require(spec);
    SortedSet<Integer> sizes = Listed.numbers("rows", rows);
    SortedSet<Integer> counts = Listed.numbers("tasks", tasks);
    Screen screen = Output.of(spec);
    OnnxRuntime cpu = threads.runtime(CommandProcess.of(spec));
    Backbone loaded = backbone.load(cpu);
    BenchValues.requireFit(spec, loaded);
    OnnxRuntime plainRuntime = device.of(cpu, screen);
    precision.requireOn(plainRuntime.settings().device());
    OnnxRuntime runtime = device.serving(cpu, screen);
    screen.line(
        "%s in %s on %s, %s, ONNX Runtime %s, JDK %s",
        loaded.name(),
        precision,
        runtime.settings().device(),
        runtime.memory().isHost() ? "tensors on the host" : "tensors on the device",
        runtime.version(),
        Runtime.version());
    TaskFamily family = family(loaded, cpu);
    screen.line("tasks: %s, %d bytes each", family.words(), family.weightBytes());
    List<double[]> plain = new ArrayList<>();
    try (PlainForward forward =
        new PlainForward(loaded, family.original(), precision, plainRuntime)) {
      for (int size : sizes) {
        PlainForward.Batch batch = forward.batch(size, tokens);
        List<Encoding> texts = encodings(size);
        plain.add(milliseconds(() -> batch.run(texts)));
      }
    }
    try (BareEngine engine = new BareEngine(loaded, precision, runtime, expressMebibytes << 20)) {
      return measure(loaded, family, new Subject(engine, runtime, cpu), sizes, counts, plain);
    }
  }

  /** What is measured, and what it is compared with. */
  private record Subject(BareEngine engine, OnnxRuntime runtime, OnnxRuntime cpu) {}

  private int measure(
      Backbone loaded,
      TaskFamily family,
      Subject subject,
      SortedSet<Integer> sizes,
      SortedSet<Integer> counts,
      List<double[]> plain) {
    Screen screen = Output.of(spec);
    Table table =
        new Table("tasks>", "rows>", "plain ms>", "engine ms>", "p90 ms>", "ratio>", "rows/s>");
    List<LoadedTask> added = new ArrayList<>();
    for (int count : counts) {
      long freeBefore = free(subject.runtime());
      int before = added.size();
      while (added.size() < count) {
        added.add(subject.engine().add("task" + added.size(), family.member(added.size())));
      }
      subject.runtime().memory().await();
      if (expressMebibytes > 0) {
        subject.engine().join(added.get(0));
      }
      if (freeBefore >= 0 && count > before) {
        screen.line(
            "%d tasks: %d bytes of the device for each of the last %d",
            count, (freeBefore - free(subject.runtime())) / (count - before), count - before);
      }
      int at = 0;
      for (int size : sizes) {
        List<BareEngine.Asked> batch = batch(added, size);
        double[] found = milliseconds(() -> subject.engine().run(batch));
        double[] floor = plain.get(at++);
        table.row(
            Integer.toString(count),
            Integer.toString(size),
            text(floor[0]),
            text(found[0]),
            text(found[1]),
            text(floor[0] / found[0]),
            String.format(Locale.ROOT, "%.0f", 1000 * size / found[0]));
      }
    }
    table.lines().forEach(line -> screen.line("%s", line));
    double difference = difference(loaded, family, subject, added);
    boolean rounds = subject.runtime().settings().device().isCuda() || precision != Precision.FP32;
    double most = rounds ? ROUNDED : EXACT;
    screen.line(
        "logits against the processor's in FP32: %.2e of the largest (at most %.0e)",
        difference, most);
    return difference <= most ? 0 : 1;
  }

  /** The largest difference of a mixed batch's logits, as a part of the largest logit. */
  private double difference(
      Backbone loaded, TaskFamily family, Subject subject, List<LoadedTask> added) {
    int size = Math.min(8, added.size());
    List<float[]> found = subject.engine().run(batch(added.subList(0, size), size));
    double most = 0;
    double largest = 0;
    try (BareEngine reference = new BareEngine(loaded, Precision.FP32, subject.cpu())) {
      List<LoadedTask> same = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        same.add(reference.add("task" + i, family.member(i)));
      }
      List<float[]> expected = reference.run(batch(same, size));
      for (int row = 0; row < size; row++) {
        for (int label = 0; label < expected.get(row).length; label++) {
          float wanted = expected.get(row)[label];
          most = Math.max(most, Math.abs(found.get(row)[label] - wanted));
          largest = Math.max(largest, Math.abs(wanted));
        }
      }
    }
    return most / largest;
  }

  private TaskFamily family(Backbone loaded, OnnxRuntime cpu) {
    int count = points == null ? loaded.points() / 2 : points;
    try (BackboneSessions sessions = BackboneSessions.open(loaded, cpu)) {
      return Input.checked(() -> TaskFamily.atTop(sessions, cpu, count, rank, 1));
    }
  }

  private List<BareEngine.Asked> batch(List<LoadedTask> of, int size) {
    List<BareEngine.Asked> batch = new ArrayList<>();
    // Tasks from all over, so that their weights are not neighbours.
    int step = Math.max(1, of.size() / size);
    List<long[]> texts = texts(size);
    for (int row = 0; row < size; row++) {
      batch.add(new BareEngine.Asked(of.get(row * step % of.size()), texts.get(row)));
    }
    return batch;
  }

  private List<Encoding> encodings(int size) {
    return texts(size).stream().map(ids -> new Encoding(ids, new long[ids.length], false)).toList();
  }

  private List<long[]> texts(int size) {
    Random random = new Random(size);
    List<long[]> texts = new ArrayList<>();
    for (int row = 0; row < size; row++) {
      texts.add(random.longs(tokens, LOWEST_ID, HIGHEST_ID).toArray());
    }
    return texts;
  }

  /** Median and 90th percentile of a run. */
  private double[] milliseconds(Runnable run) {
    for (int i = 0; i < WARM_RUNS; i++) {
      run.run();
    }
    List<Long> nanos = new ArrayList<>();
    long end = System.nanoTime() + Math.round(seconds * 1e9);
    while (nanos.size() < FEWEST_RUNS || System.nanoTime() < end) {
      long begin = System.nanoTime();
      run.run();
      nanos.add(System.nanoTime() - begin);
    }
    long[] sorted = nanos.stream().mapToLong(Long::longValue).toArray();
    Arrays.sort(sorted);
    return new double[] {sorted[sorted.length / 2] / 1e6, sorted[sorted.length * 9 / 10] / 1e6};
  }

  private static long free(OnnxRuntime runtime) {
    return runtime.memory() instanceof DeviceMemory of ? of.freeBytes() : -1;
  }

  private static String text(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
