package io.sluice.trainer.autodiff;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.trainer.autodiff.vjp.Emitter;
import io.sluice.trainer.autodiff.vjp.Operators;
import io.sluice.trainer.autodiff.vjp.TensorFact;
import io.sluice.trainer.autodiff.vjp.Vjp;
import io.sluice.trainer.autodiff.vjp.VjpRule;
import io.sluice.trainer.autodiff.vjp.VjpRules;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reverse mode: appends to a graph under construction the nodes that compute the gradients of a
 * scalar loss.
 *
 * <p>Only what lies between the wanted tensors and the loss is differentiated ({@link Reach}):
 * nothing is emitted for frozen weights or below the lowest wanted tensor. Nodes are visited from
 * the loss backwards; a tensor with several readers gets the sum of what they hand back. The wanted
 * tensors may be inputs, initializers or intermediate results.
 */
public final class Backward {

  private final TensorFacts facts;
  private final Emitter emitter;
  private final Reach reach;
  private final Map<String, TensorData> constants;
  private final Map<String, List<String>> contributions = new HashMap<>();

  private Backward(Emitter emitter, Graph forward, TensorFacts facts, Reach reach) {
    this.facts = facts;
    this.emitter = emitter;
    this.reach = reach;
    this.constants = Constants.of(forward);
  }

  /**
   * A graph that computes its gradients beside its outputs, and their names by that of the tensor
   * differentiated.
   */
  public record Step(Graph graph, Map<String, String> gradients) {
    /** Copies the map. */
    public Step {
      gradients = Map.copyOf(gradients);
    }
  }

  /**
   * Appends the gradients of a scalar loss.
   *
   * @param builder has all nodes of {@code forward} already
   * @param forward what is differentiated: {@code builder.build()}, or a part of it
   * @param loss a tensor of one element
   * @param wrt tensors of real numbers whose gradients are wanted
   * @param facts of {@code forward}
   * @return the gradient of each wanted tensor, of its shape; zeros where the loss does not depend
   *     on it
   */
  public static Map<String, String> gradients(
      GraphBuilder builder, Graph forward, String loss, Set<String> wrt, TensorFacts facts) {
    return gradients(builder, forward, loss, wrt, facts, Operators.STOCK);
  }

  /**
   * The same in other operators.
   *
   * @param operators what it may be written in
   */
  public static Map<String, String> gradients(
      GraphBuilder builder,
      Graph forward,
      String loss,
      Set<String> wrt,
      TensorFacts facts,
      Operators operators) {
    TensorFact fact = facts.of(loss);
    if (!fact.isReal() || !fact.dims().stream().allMatch(dim -> dim.isOne())) {
      throw new IllegalArgumentException(
          "loss " + loss + ": " + fact + " (expected: one real number)");
    }
    Emitter emitter = new Emitter(requireNonNull(builder, "builder"), operators);
    return gradients(emitter, forward, Map.of(loss, emitter.ones(fact)), wrt, facts);
  }

  /**
   * Appends the gradients of a loss whose derivative by some tensors is known.
   *
   * @param seeds dL/dt by tensor t, of its shape: for a loss that writes its own derivative, {@code
   *     logits} to that
   * @see #gradients(GraphBuilder, Graph, String, Set, TensorFacts)
   */
  public static Map<String, String> gradients(
      GraphBuilder builder,
      Graph forward,
      Map<String, String> seeds,
      Set<String> wrt,
      TensorFacts facts) {
    return gradients(new Emitter(requireNonNull(builder, "builder")), forward, seeds, wrt, facts);
  }

  private static Map<String, String> gradients(
      Emitter emitter,
      Graph forward,
      Map<String, String> seeds,
      Set<String> wrt,
      TensorFacts facts) {
    requireNonNull(forward, "forward");
    for (String tensor : wrt) {
      if (!facts.of(tensor).isReal()) {
        throw new IllegalArgumentException(
            "wrt " + tensor + ": " + facts.of(tensor) + " (expected: real numbers)");
      }
    }
    Reach reach = Reach.between(forward, wrt, seeds.keySet(), facts);
    Backward backward = new Backward(emitter, forward, facts, reach);
    seeds.forEach(backward::contribute);
    return backward.run(wrt);
  }

  /**
   * The graph with the gradients of a loss as further outputs; probes what it has to know of
   * shapes.
   *
   * @see #gradients(GraphBuilder, Graph, String, Set, TensorFacts)
   */
  public static Step step(Graph forward, String loss, Set<String> wrt, OnnxRuntime runtime) {
    TensorFacts facts = TensorFacts.probe(forward, runtime);
    GraphBuilder builder = Copy.of(forward);
    forward.outputs().forEach(builder::output);
    Map<String, String> gradients = gradients(builder, forward, loss, wrt, facts);
    Map<String, String> named = new LinkedHashMap<>();
    for (String tensor : wrt.stream().sorted().toList()) {
      Value value = facts.value(builder.fresh("grad_" + tensor), tensor);
      builder.outputAs(requireNonNull(gradients.get(tensor)), value);
      named.put(tensor, value.name());
    }
    return new Step(builder.build(), named);
  }

  private Map<String, String> run(Set<String> wrt) {
    List<Node> nodes = reach.nodes();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      differentiate(nodes.get(i));
    }
    Map<String, String> gradients = new LinkedHashMap<>();
    for (String tensor : wrt) {
      String gradient = gradient(tensor);
      gradients.put(
          tensor, gradient != null ? gradient : emitter.zerosLike(tensor, facts.of(tensor)));
    }
    return gradients;
  }

  private void differentiate(Node node) {
    VjpRule rule = VjpRules.of(node);
    boolean arrived = node.writes().stream().anyMatch(contributions::containsKey);
    if (rule == null || !arrived) {
      return;
    }
    rule.emit(
        new Vjp(
            node,
            emitter,
            new Known(),
            this::gradient,
            input -> reach.wants(node, input),
            this::contribute));
  }

  private void contribute(String tensor, String gradient) {
    contributions.computeIfAbsent(tensor, key -> new ArrayList<>()).add(gradient);
  }

  /** The sum of what has arrived; complete once all readers of the tensor have been visited. */
  private @Nullable String gradient(String tensor) {
    List<String> parts = contributions.get(tensor);
    if (parts == null) {
      return null;
    }
    if (parts.size() > 1) {
      String sum = emitter.sum(parts);
      parts.clear();
      parts.add(sum);
    }
    return parts.get(0);
  }

  private final class Known implements Vjp.Forward {
    @Override
    public TensorFact fact(String tensor) {
      return facts.of(tensor);
    }

    @Override
    public @Nullable TensorData constant(String tensor) {
      return constants.get(tensor);
    }
  }
}
