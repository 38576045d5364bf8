package io.sluice.trainer.device;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.registry.bundle.Pooling;
import io.sluice.trainer.model.AdaptedGraphs;
import io.sluice.trainer.model.BottleneckSequential;
import io.sluice.trainer.model.Candidate;
import io.sluice.trainer.model.EncodedRows;
import io.sluice.trainer.model.LinearHead;
import io.sluice.trainer.model.ParameterLayout;
import io.sluice.trainer.model.Regularisation;
import io.sluice.trainer.model.SearchSpace;
import io.sluice.trainer.model.TrainingSession;
import io.sluice.trainer.model.TrunkCache;
import io.sluice.trainer.model.TrunkLimits;
import io.sluice.trainer.optim.AdamW;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One training step of a backbone, compiled on the device of a runtime: a gated bottleneck of rank
 * 16 at each point from {@code lowest} on, a head of three labels, made-up rows. The same seed
 * makes the same step on every device. Confined to one thread.
 */
public final class TrainingStep implements AutoCloseable {
  static final int LABELS = 3;
  static final int RANK = 16;
  static final float GATE = 0.9f;
  static final double LEARNING_RATE = 1e-3;
  private static final int FIRST_WORD = 5;
  private static final int WORDS = 200;
  private static final long SEED = 7;

  /**
   * The size of a step.
   *
   * @param rows rows of a batch
   * @param tokens tokens of each row
   * @param lowest lowest open point; what is below comes from a {@link TrunkCache}
   */
  public record Size(int rows, int tokens, int lowest) {
    @Override
    public String toString() {
      return rows + " x " + tokens + (lowest == 1 ? ", all open" : ", from point " + lowest);
    }
  }

  private final TrainingSession session;
  private final @Nullable TrunkCache trunk;
  private final List<Candidate> candidates;
  private final ParameterLayout layout;
  private final EncodedRows rows;
  private final int[][] batches;
  private final AdamW optimizer;
  private final float[] values;
  private final float[] gates;
  private final float[] gradients;
  private final float[] gateGradients;
  private int steps;

  /** Compiles the step, for one batch that comes again and again. */
  public TrainingStep(OnnxRuntime runtime, Backbone backbone, Size size) {
    this(runtime, backbone, size, 1);
  }

  /** Compiles the step, for several batches that take turns. */
  public TrainingStep(OnnxRuntime runtime, Backbone backbone, Size size, int batches) {
    this(runtime, backbone, size, batches, TrainingSession.settings());
  }

  /**
   * Compiles the step, writing down its operators; {@link #endProfile} gives the file.
   *
   * @param prefix what the file's path begins with
   */
  public static TrainingStep profiled(
      OnnxRuntime runtime, Backbone backbone, Size size, Path prefix) {
    return new TrainingStep(
        runtime, backbone, size, 1, TrainingSession.settings().withProfilePath(prefix));
  }

  private TrainingStep(
      OnnxRuntime runtime, Backbone backbone, Size size, int turns, SessionSettings settings) {
    requireNonNull(size, "size");
    candidates =
        SearchSpace.of(
                IntStream.rangeClosed(size.lowest(), backbone.points()).boxed().toList(),
                List.of(new BottleneckSequential(RANK)))
            .candidates();
    AdaptedGraphs graphs =
        new AdaptedGraphs(runtime, backbone, new LinearHead(Pooling.FIRST, LABELS));
    Random random = new Random(SEED);
    layout = graphs.layout(candidates);
    rows = rows(size, turns, random);
    batches =
        IntStream.range(0, turns)
            .mapToObj(turn -> turn * size.rows())
            .map(first -> IntStream.range(first, first + size.rows()).toArray())
            .toArray(int[][]::new);
    values = layout.start(SEED);
    for (int i = 0; i < values.length; i++) {
      values[i] += (float) (0.01 * random.nextGaussian());
    }
    gates = new float[candidates.size()];
    Arrays.fill(gates, GATE);
    float[] rates = new float[values.length];
    Arrays.fill(rates, 1);
    optimizer = new AdamW(AdamW.Settings.withDecay(0), rates, new boolean[values.length]);
    gradients = new float[values.length];
    gateGradients = new float[gates.length];
    int boundary = size.lowest() == 1 ? 0 : graphs.trunkDepth(candidates);
    trunk =
        boundary == 0
            ? null
            : new TrunkCache(runtime, backbone, Precision.FP32, boundary, TrunkLimits.defaults());
    try {
      session =
          TrainingSession.gated(
              runtime,
              graphs,
              candidates,
              boundary,
              Regularisation.none(backbone.hiddenSize(), LABELS),
              trunk,
              settings);
    } catch (RuntimeException | Error e) {
      if (trunk != null) {
        trunk.close();
      }
      throw e;
    }
  }

  private static EncodedRows rows(Size size, int turns, Random random) {
    int count = Math.multiplyExact(size.rows(), turns);
    int[] labels = random.ints(count, 0, LABELS).toArray();
    List<Encoding> encodings =
        IntStream.range(0, count)
            .mapToObj(row -> random.longs(size.tokens(), FIRST_WORD, WORDS).toArray())
            .map(ids -> new Encoding(ids, new long[ids.length], false))
            .toList();
    return new EncodedRows(encodings, labels);
  }

  /**
   * Runs the step: forward, backward, and the gradients in Java arrays.
   *
   * @return the loss, in nats
   */
  public double run() {
    int[] batch = batches[steps % batches.length];
    if (session.expects()) {
      session.expect(rows, batches[(steps + 1) % batches.length]);
    }
    double loss = session.step(steps++, rows, batch, values, gates);
    session.gradients(gradients);
    session.gateGradients(gateGradients);
    return loss;
  }

  /**
   * Runs the step and moves the weights against their gradients.
   *
   * @return the loss before, in nats
   */
  public double learn() {
    double loss = run();
    optimizer.update(values, gradients, LEARNING_RATE);
    return loss;
  }

  /** Rows of a batch. */
  public int rows() {
    return batches[0].length;
  }

  /** All rows, batch after batch. */
  EncodedRows allRows() {
    return rows;
  }

  List<Candidate> candidates() {
    return candidates;
  }

  /** The weights as they are now; read only. */
  float[] values() {
    return values;
  }

  /** Which numbers of {@link #gradients} belong to what. */
  ParameterLayout layout() {
    return layout;
  }

  /** The weights' gradient of the last run; read only. */
  float[] gradients() {
    return gradients;
  }

  /** The gates' gradient of the last run; read only. */
  float[] gateGradients() {
    return gateGradients;
  }

  /** The file of a {@link #profiled} step. */
  public Path endProfile() {
    return session.endProfile();
  }

  @Override
  public void close() {
    session.close();
    if (trunk != null) {
      trunk.close();
    }
  }
}
