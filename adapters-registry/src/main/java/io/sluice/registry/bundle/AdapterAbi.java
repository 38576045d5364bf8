package io.sluice.registry.bundle;

import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Dim;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Value;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Names, types and shapes of the inputs and outputs of a bundle's graphs.
 *
 * <table>
 * <caption>Tensors; b = batch, s = seq, both symbolic; H = hidden size</caption>
 * <tr><th>graph</th><th>tensor</th><th>type</th><th>shape</th></tr>
 * <tr><td>adapter</td><td>input {@code block_input}: what went into block k</td><td>float32</td>
 *   <td>(b, s, H)</td></tr>
 * <tr><td></td><td>input {@code block_output}: what came out of it</td><td>float32</td>
 *   <td>(b, s, H)</td></tr>
 * <tr><td></td><td>output {@code adapted}: what the next block gets</td><td>float32</td>
 *   <td>(b, s, H)</td></tr>
 * <tr><td>head</td><td>input {@code hidden}</td><td>float32</td><td>(b, s, H)</td></tr>
 * <tr><td></td><td>input {@code attention_mask}: 1 = token, 0 = padding</td><td>int64</td>
 *   <td>(b, s)</td></tr>
 * <tr><td></td><td>output {@code logits}, unless answer_span</td><td>float32</td>
 *   <td>(b, labels)</td></tr>
 * <tr><td></td><td>outputs {@code start_logits}, {@code end_logits} of answer_span</td>
 *   <td>float32</td><td>(b, s)</td></tr>
 * </table>
 *
 * <p>An adapter may leave out one of its inputs, a head {@code attention_mask}. No output row may
 * depend on another input row: graphs are run on any slice of the rows. Stateless.
 */
public final class AdapterAbi {
  /** Adapter input: the tensor that entered the block. */
  public static final String BLOCK_INPUT = "block_input";

  /** Adapter input: the tensor that left the block. */
  public static final String BLOCK_OUTPUT = "block_output";

  /** Adapter output: the tensor that enters the next block. */
  public static final String ADAPTED = "adapted";

  /** Head input: the encoder's output. */
  public static final String HIDDEN = "hidden";

  /** Head input: 1 for a token, 0 for padding. */
  public static final String ATTENTION_MASK = "attention_mask";

  /** Head output per row. */
  public static final String LOGITS = "logits";

  /** Head output per token: where a span starts. */
  public static final String START_LOGITS = "start_logits";

  /** Head output per token: where a span ends. */
  public static final String END_LOGITS = "end_logits";

  private static final String BATCH = "batch";
  private static final String SEQ = "seq";

  private AdapterAbi() {}

  /** Names of the outputs a head of this kind has, in order. */
  public static List<String> headOutputs(TaskKind kind) {
    return kind.answersPerToken() ? List.of(START_LOGITS, END_LOGITS) : List.of(LOGITS);
  }

  /** The tensor {@code (batch, seq, hidden)} float32 under this name, to declare with. */
  public static Value hiddenStates(String name, int hiddenSize) {
    return Value.of(name, DataType.FLOAT, BATCH, SEQ, hiddenSize);
  }

  /** {@code attention_mask} (batch, seq) int64, to declare with. */
  public static Value attentionMask() {
    return Value.of(ATTENTION_MASK, DataType.INT64, BATCH, SEQ);
  }

  /** {@code logits} (batch, labels) float32, to declare with. */
  public static Value logits(int labels) {
    return Value.of(LOGITS, DataType.FLOAT, BATCH, labels);
  }

  /** {@code start_logits} or {@code end_logits} (batch, seq) float32, to declare with. */
  public static Value tokenLogits(String name) {
    return Value.of(name, DataType.FLOAT, BATCH, SEQ);
  }

  static void requirePoint(Graph graph, Manifest manifest, Place at) {
    Value in = hiddenStates(BLOCK_INPUT, manifest.hiddenSize());
    Value out = hiddenStates(BLOCK_OUTPUT, manifest.hiddenSize());
    requireInputs(graph, List.of(in, out), at);
    if (graph.inputs().isEmpty()) {
      throw at.corrupt("no inputs", BLOCK_INPUT + ", " + BLOCK_OUTPUT + " or both");
    }
    requireOutputs(graph, List.of(hiddenStates(ADAPTED, manifest.hiddenSize())), at);
  }

  static void requireHead(Graph graph, Manifest manifest, Place at) {
    Value hidden = hiddenStates(HIDDEN, manifest.hiddenSize());
    requireInputs(graph, List.of(hidden, attentionMask()), at);
    if (graph.inputs().stream().noneMatch(input -> input.name().equals(HIDDEN))) {
      throw at.corrupt("no input " + HIDDEN, "one");
    }
    requireOutputs(
        graph,
        manifest.kind().answersPerToken()
            ? List.of(tokenLogits(START_LOGITS), tokenLogits(END_LOGITS))
            : List.of(logits(manifest.labels().size())),
        at);
  }

  private static void requireInputs(Graph graph, List<Value> allowed, Place at) {
    Set<String> seen = new HashSet<>();
    for (Value input : graph.inputs()) {
      Value expected =
          allowed.stream()
              .filter(value -> value.name().equals(input.name()))
              .findFirst()
              .orElseThrow(
                  () ->
                      at.corrupt(
                          "input " + Checks.printable(input.name()), "among " + names(allowed)));
      if (!seen.add(input.name())) {
        throw at.corrupt("input " + input.name() + " twice", "once");
      }
      requireSame(input, expected, "input", at);
    }
  }

  private static void requireOutputs(Graph graph, List<Value> expected, Place at) {
    if (!names(graph.outputs()).equals(names(expected))) {
      throw at.corrupt(
          "outputs " + Checks.printable(names(graph.outputs()).toString()),
          names(expected).toString());
    }
    for (int i = 0; i < expected.size(); i++) {
      requireSame(graph.outputs().get(i), expected.get(i), "output", at);
    }
  }

  private static void requireSame(Value found, Value expected, String what, Place at) {
    boolean same =
        found.type() == expected.type() && found.shape().size() == expected.shape().size();
    for (int i = 0; same && i < expected.shape().size(); i++) {
      Dim dim = found.shape().get(i);
      // The names of symbols are the exporter's business.
      same =
          expected.shape().get(i) instanceof Dim.Known known
              ? known.equals(dim)
              : dim instanceof Dim.Symbol;
    }
    if (!same) {
      throw at.corrupt(what + " " + found.name() + ": " + describe(found), describe(expected));
    }
  }

  private static String describe(Value value) {
    return value.type() + " " + value.describeShape();
  }

  private static List<String> names(List<Value> values) {
    return values.stream().map(Value::name).collect(Collectors.toList());
  }
}
