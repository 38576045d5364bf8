package io.sluice.trainer.autodiff.vjp;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One forward node seen from behind: its inputs and outputs, the gradients that arrived, and where
 * to put the results.
 *
 * <p>Confined to the thread that differentiates.
 */
public final class Vjp {

  /** Facts and constants of the forward graph, by tensor name. */
  public interface Forward {
    /** Type and extents of a tensor. */
    TensorFact fact(String tensor);

    /** The value of an initializer or of a Constant node; null for everything computed. */
    @Nullable TensorData constant(String tensor);
  }

  private final Node node;
  private final Emitter emitter;
  private final Forward forward;
  private final Function<String, @Nullable String> gradients;
  private final Predicate<Integer> wanted;
  private final BiConsumer<String, String> sink;

  /**
   * Opens a node for its rule.
   *
   * @param gradients the accumulated gradient of an output tensor, null where none arrived
   * @param wanted whether an input position needs a gradient
   * @param sink takes (input tensor, gradient tensor)
   */
  public Vjp(
      Node node,
      Emitter emitter,
      Forward forward,
      Function<String, @Nullable String> gradients,
      Predicate<Integer> wanted,
      BiConsumer<String, String> sink) {
    this.node = requireNonNull(node, "node");
    this.emitter = requireNonNull(emitter, "emitter");
    this.forward = requireNonNull(forward, "forward");
    this.gradients = requireNonNull(gradients, "gradients");
    this.wanted = requireNonNull(wanted, "wanted");
    this.sink = requireNonNull(sink, "sink");
  }

  /** The forward node. */
  public Node node() {
    return node;
  }

  /** Where the rule writes its nodes. */
  public Emitter emit() {
    return emitter;
  }

  /** Number of input positions, absent optional ones included. */
  public int inputs() {
    return node.inputs().size();
  }

  /** Number of output positions, absent optional ones included. */
  public int outputs() {
    return node.outputs().size();
  }

  /** Whether the input is there. */
  public boolean has(int input) {
    return input < inputs() && !node.inputs().get(input).isEmpty();
  }

  /** Whether the output is there. */
  public boolean hasOutput(int output) {
    return output < outputs() && !node.outputs().get(output).isEmpty();
  }

  /** Name of an input tensor that is there. */
  public String in(int input) {
    if (!has(input)) {
      throw failure("input " + input + " is absent");
    }
    return node.inputs().get(input);
  }

  /** Name of an output tensor that is there. */
  public String out(int output) {
    if (!hasOutput(output)) {
      throw failure("output " + output + " is absent");
    }
    return node.outputs().get(output);
  }

  /** Whether the input is there and needs a gradient. */
  public boolean wants(int input) {
    return has(input) && wanted.test(input);
  }

  /** Whether a gradient arrived at the output. */
  public boolean hasGrad(int output) {
    return hasOutput(output) && gradients.apply(node.outputs().get(output)) != null;
  }

  /** The gradient of the first output. */
  public String grad() {
    return grad(0);
  }

  /** The gradient of an output, zeros where none arrived. */
  public String grad(int output) {
    String gradient = gradients.apply(out(output));
    return gradient != null ? gradient : emitter.zerosLike(out(output), factOut(output));
  }

  /** Type and extents of an input. */
  public TensorFact factIn(int input) {
    return forward.fact(in(input));
  }

  /** Type and extents of an output. */
  public TensorFact factOut(int output) {
    return forward.fact(out(output));
  }

  /** The value of an input that is known before any run, or null. */
  public @Nullable TensorData constantIn(int input) {
    return has(input) ? forward.constant(in(input)) : null;
  }

  /** The integers of an input that must be known before any run. */
  public long[] longsIn(int input) {
    TensorData value = constantIn(input);
    if (value == null) {
      throw failure("input " + input + " is computed (expected: a constant)");
    }
    return value.toLongs();
  }

  /**
   * Axes given by attribute (older opsets) or by input (newer ones); null where neither is there.
   */
  public @Nullable List<Long> axes(int input) {
    if (node.attributes().containsKey("axes")) {
      return node.intsAttribute("axes", List.of());
    }
    if (!has(input)) {
      return null;
    }
    return Arrays.stream(longsIn(input)).boxed().toList();
  }

  /** Hands over the gradient of an input; it has the input's shape. */
  public void give(int input, String gradient) {
    sink.accept(in(input), gradient);
  }

  /**
   * Hands over the gradient of an input that was broadcast to {@code shape}: sums over the axes it
   * was repeated along.
   */
  public void giveBroadcast(int input, String gradient, TensorFact shape) {
    give(input, emitter.unbroadcast(gradient, shape, factIn(input)));
  }

  /** The failure to differentiate this node, for this reason. */
  public SluiceException failure(String reason) {
    String op = node.domain().isEmpty() ? node.op() : node.domain() + "." + node.op();
    return new SluiceException(
        ErrorCode.FAILED_PRECONDITION,
        "node \""
            + node.name()
            + "\" ("
            + op
            + " -> "
            + node.outputs()
            + ") cannot be differentiated: "
            + reason);
  }
}
