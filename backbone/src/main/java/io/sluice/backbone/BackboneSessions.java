package io.sluice.backbone;

import io.sluice.backbone.form.FirstTokenForm;
import io.sluice.backbone.form.ServingForm;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.Device;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.backbone.runtime.SharedWeights;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The compiled prologue, blocks and epilogue of a backbone; each session holds its own weights
 * only, so together they hold the backbone once. Thread-safe; closing closes all of them.
 */
public final class BackboneSessions implements AutoCloseable {
  /** The first token of what entered a block: (batch, 1, hidden) float32. */
  public static final String FIRST_OF_INPUT = "first_of_input";

  private final Backbone backbone;
  private final Precision precision;
  private final Device device;
  private final List<OnnxSession> sessions;
  private final @Nullable OnnxSession epilogue;
  private final @Nullable OnnxSession firstTokenBlock;

  private BackboneSessions(
      Backbone backbone,
      Precision precision,
      Device device,
      List<OnnxSession> sessions,
      @Nullable OnnxSession epilogue,
      @Nullable OnnxSession firstTokenBlock) {
    this.backbone = backbone;
    this.precision = precision;
    this.device = device;
    this.sessions = List.copyOf(sessions);
    this.epilogue = epilogue;
    this.firstTokenBlock = firstTokenBlock;
  }

  /** Compiles all parts, fully optimised; nothing stays open when one of them fails. */
  public static BackboneSessions open(Backbone backbone, OnnxRuntime runtime) {
    return open(backbone, runtime, SessionSettings.defaults());
  }

  /** Compiles all parts with the given settings. */
  public static BackboneSessions open(
      Backbone backbone, OnnxRuntime runtime, SessionSettings settings) {
    return open(backbone, runtime, settings, Precision.FP32);
  }

  /** Compiles all parts with the given settings, their weights in the given format. */
  public static BackboneSessions open(
      Backbone backbone, OnnxRuntime runtime, SessionSettings settings, Precision precision) {
    Device asked = settings.device();
    Device device = asked == null ? runtime.settings().device() : asked;
    return open(backbone, device, precision, graph -> runtime.open(graph, settings));
  }

  /** Compiles all parts on weights that other sessions may hold as well. */
  public static BackboneSessions open(
      Backbone backbone, SharedWeights weights, SessionSettings settings, Precision precision) {
    return open(backbone, weights.device(), precision, graph -> weights.open(graph, settings));
  }

  private static BackboneSessions open(
      Backbone backbone,
      Device device,
      Precision precision,
      Function<Graph, OnnxSession> compiler) {
    List<OnnxSession> opened = new ArrayList<>();
    try {
      Graph prologue = precision.applyToPrologue(backbone.prologue(), backbone.ranges());
      opened.add(compiler.apply(ServingForm.of(prologue, device)));
      for (int k = 1; k <= backbone.points(); k++) {
        opened.add(compiler.apply(form(precision, backbone, backbone.block(k), device)));
      }
      Graph end = backbone.epilogue();
      OnnxSession epilogue = null;
      if (end != null) {
        epilogue = compiler.apply(form(precision, backbone, end, device));
        opened.add(epilogue);
      }
      OnnxSession firstToken = null;
      if (backbone.firstTokenPoint() <= backbone.points()) {
        firstToken = compiler.apply(firstToken(precision, backbone, device));
        opened.add(firstToken);
      }
      return new BackboneSessions(backbone, precision, device, opened, epilogue, firstToken);
    } catch (RuntimeException | Error e) {
      opened.forEach(OnnxSession::close);
      throw e;
    }
  }

  private static Graph form(Precision precision, Backbone backbone, Graph part, Device device) {
    return ServingForm.of(precision.apply(part, backbone.ranges()), device);
  }

  private static Graph firstToken(Precision precision, Backbone backbone, Device device) {
    Graph block = backbone.block(backbone.firstTokenPoint());
    return FirstTokenForm.withFirstOf(
        ServingForm.ofFirstToken(precision.apply(block, backbone.ranges()), device),
        Backbone.BLOCK_INPUT,
        Value.of(FIRST_OF_INPUT, DataType.FLOAT, "batch", 1, backbone.hiddenSize()));
  }

  /** The backbone that is compiled here. */
  public Backbone backbone() {
    return backbone;
  }

  /** The format its weights are computed with. */
  public Precision precision() {
    return precision;
  }

  /** What it computes on. */
  public Device device() {
    return device;
  }

  /** See {@link Backbone#prologue()}. */
  public OnnxSession prologue() {
    return sessions.get(0);
  }

  /**
   * See {@link Backbone#block}.
   *
   * @param k from 1 to {@link Backbone#points()}
   */
  public OnnxSession block(int k) {
    if (k < 1 || k > backbone.points()) {
      throw new IllegalArgumentException(
          "block: " + k + " (expected: 1 to " + backbone.points() + ")");
    }
    return sessions.get(k);
  }

  /**
   * Block {@link Backbone#firstTokenPoint()} for those who read the first token only: what a block
   * takes in, {@link Backbone#BLOCK_OUTPUT} and {@link #FIRST_OF_INPUT} out, (batch, 1, hidden)
   * each. Null where there is none.
   */
  public @Nullable OnnxSession firstTokenBlock() {
    return firstTokenBlock;
  }

  /** See {@link Backbone#epilogue()}; null where there is none. */
  public @Nullable OnnxSession epilogue() {
    return epilogue;
  }

  @Override
  public void close() {
    sessions.forEach(OnnxSession::close);
  }
}
