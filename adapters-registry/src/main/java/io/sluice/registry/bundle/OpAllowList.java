package io.sluice.registry.bundle;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The operators a bundle's graphs may use: arithmetic whose result has a size its inputs bound.
 *
 * <p>Left out on purpose: control flow (If, Loop, Scan), what makes tensors of a size that a weight
 * dictates (ConstantOfShape, Expand, Tile, Range, Resize, OneHot, Pad), random numbers, strings and
 * sequences, and every domain but {@code ai.onnx} and {@code com.microsoft}. Stateless.
 */
public final class OpAllowList {
  private static final long OLDEST_OPSET = 13;
  private static final long NEWEST_OPSET = 23;

  private static final Set<String> STANDARD =
      names(
          "Abs Add And ArgMax ArgMin BatchNormalization Cast CastLike Celu Clip Concat Constant",
          "DequantizeLinear Div DynamicQuantizeLinear Elu Equal Erf Exp Flatten Floor Gather",
          "GatherElements Gelu Gemm Greater GreaterOrEqual HardSigmoid HardSwish Identity",
          "InstanceNormalization IsInf IsNaN LayerNormalization LeakyRelu Less LessOrEqual Log",
          "LogSoftmax MatMul MatMulInteger Max Mean Min Mish Mul Neg Not Or PRelu Pow",
          "QuantizeLinear RMSNormalization Reciprocal ReduceL1 ReduceL2 ReduceLogSumExp ReduceMax",
          "ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape Round Selu Shape",
          "Sigmoid Sign Size Slice Softmax Softplus Softsign Split Sqrt Squeeze Sub Sum Swish Tanh",
          "ThresholdedRelu TopK Transpose Unsqueeze Where Xor",
          // ONNX Runtime registers this one under the standard domain.
          "SimplifiedLayerNormalization");

  private static final Set<String> MICROSOFT =
      names(
          "BiasGelu BiasSoftmax DynamicQuantizeMatMul FastGelu FusedGemm FusedMatMul Gelu",
          "MatMulIntegerToFloat QuickGelu SkipLayerNormalization",
          "SkipSimplifiedLayerNormalization");

  /** By domain; "" is {@code ai.onnx}. */
  private static final Map<String, Set<String>> ALLOWED =
      Map.of("", STANDARD, Node.MICROSOFT, MICROSOFT);

  private OpAllowList() {}

  static void require(Graph graph, Place at) {
    graph
        .opsets()
        .forEach(
            (domain, version) -> {
              long oldest = domain.isEmpty() ? OLDEST_OPSET : 1;
              long newest = domain.isEmpty() ? NEWEST_OPSET : 1;
              if (!ALLOWED.containsKey(domain)) {
                throw at.corrupt(
                    "operator domain " + Checks.printable(domain), "ai.onnx or com.microsoft");
              }
              if (version < oldest || version > newest) {
                throw at.corrupt(
                    "opset " + version + " of " + (domain.isEmpty() ? "ai.onnx" : domain),
                    oldest + ".." + newest);
              }
            });
    for (Node node : graph.nodes()) {
      if (!allows(node)) {
        throw at.corrupt(
            "operator " + Checks.printable(node.describe()),
            "one of those a bundle may use, see OpAllowList");
      }
    }
  }

  private static boolean allows(Node node) {
    return ALLOWED.getOrDefault(node.domain(), Set.of()).contains(node.op())
        && node.attributes().values().stream().noneMatch(Attribute.OfGraph.class::isInstance);
  }

  private static Set<String> names(String... lines) {
    Set<String> names = new TreeSet<>();
    for (String line : lines) {
      names.addAll(Arrays.asList(line.split(" ")));
    }
    return Collections.unmodifiableSet(names);
  }
}
