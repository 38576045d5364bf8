package io.sluice.trainer.autodiff.vjp;

import io.sluice.backbone.graph.Node;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The table of rules: operator to {@link VjpRule}. Immutable.
 *
 * <p>Not here, because no gradient ever gets that far: operators that yield integers or booleans
 * (Shape, Equal, ArgMax).
 */
public final class VjpRules {

  private static final Map<String, VjpRule> RULES = table();

  private VjpRules() {}

  /** The rule of a node's operator, or null if there is none. */
  public static @Nullable VjpRule of(Node node) {
    return RULES.get(key(node.domain(), node.op()));
  }

  /** All operators with a rule: {@code MatMul}, {@code com.microsoft.FusedMatMul}. */
  public static Set<String> operators() {
    return RULES.keySet();
  }

  private static String key(String domain, String op) {
    return domain.isEmpty() ? op : domain + "." + op;
  }

  private static Map<String, VjpRule> table() {
    Map<String, VjpRule> rules = new TreeMap<>();
    elementwise(rules);
    products(rules);
    normalisers(rules);
    shapes(rules);
    VjpRule stop = new StopRule();
    for (String op :
        List.of("Ceil", "Floor", "RandomNormalLike", "RandomUniformLike", "Round", "Sign")) {
      rules.put(op, stop);
    }
    return Collections.unmodifiableMap(rules);
  }

  private static void elementwise(Map<String, VjpRule> rules) {
    rules.put("Abs", UnaryRule.ABS);
    rules.put("Add", new AddRule());
    rules.put("Cast", new CastRule());
    rules.put("Clip", new ClipRule());
    rules.put("Cos", UnaryRule.COS);
    rules.put("Div", new DivRule());
    rules.put("Dropout", new DropoutRule());
    rules.put("Erf", UnaryRule.ERF);
    rules.put("Exp", UnaryRule.EXP);
    rules.put("Gelu", new GeluRule(GeluRule.Form.BY_ATTRIBUTE));
    rules.put("Identity", new IdentityRule());
    rules.put("Log", UnaryRule.LOG);
    rules.put("Max", new ExtremumRule());
    rules.put("Min", new ExtremumRule());
    rules.put("Mul", new MulRule());
    rules.put("Neg", UnaryRule.NEG);
    rules.put("Pow", new PowRule());
    rules.put("Reciprocal", UnaryRule.RECIPROCAL);
    rules.put("Relu", UnaryRule.RELU);
    rules.put("Sigmoid", UnaryRule.SIGMOID);
    rules.put("Sin", UnaryRule.SIN);
    rules.put("Softplus", UnaryRule.SOFTPLUS);
    rules.put("Sqrt", UnaryRule.SQRT);
    rules.put("Sub", new SubRule());
    rules.put("Sum", new SumRule());
    rules.put("Tanh", UnaryRule.TANH);
    rules.put("Where", new WhereRule());
    rules.put(key(Node.MICROSOFT, "BiasGelu"), new GeluRule(GeluRule.Form.ERF));
    rules.put(key(Node.MICROSOFT, "FastGelu"), new GeluRule(GeluRule.Form.TANH));
    rules.put(key(Node.MICROSOFT, "Gelu"), new GeluRule(GeluRule.Form.ERF));
    rules.put(key(Node.MICROSOFT, "QuickGelu"), new GeluRule(GeluRule.Form.SIGMOID));
  }

  private static void products(Map<String, VjpRule> rules) {
    VjpRule matMul = new MatMulRule();
    rules.put("Gemm", new GemmRule());
    rules.put("MatMul", matMul);
    rules.put(key(Node.MICROSOFT, "FusedMatMul"), matMul);
  }

  private static void normalisers(Map<String, VjpRule> rules) {
    rules.put("CumSum", new CumSumRule());
    rules.put("LayerNormalization", new LayerNormRule());
    rules.put("LogSoftmax", new LogSoftmaxRule());
    rules.put("ReduceL2", ReduceRule.NORM);
    rules.put("ReduceLogSumExp", ReduceRule.LOG_SUM_EXP);
    rules.put("ReduceMax", ReduceRule.EXTREMUM);
    rules.put("ReduceMean", ReduceRule.MEAN);
    rules.put("ReduceMin", ReduceRule.EXTREMUM);
    rules.put("ReduceSum", ReduceRule.SUM);
    rules.put("ReduceSumSquare", ReduceRule.SUM_SQUARE);
    rules.put("Softmax", new SoftmaxRule());
    rules.put("SoftmaxCrossEntropyLoss", new CrossEntropyRule());
    rules.put(key(Node.MICROSOFT, "SkipLayerNormalization"), new SkipLayerNormRule());
  }

  private static void shapes(Map<String, VjpRule> rules) {
    VjpRule reshape = new ReshapeRule();
    rules.put("Concat", new ConcatRule());
    rules.put("Expand", new ExpandRule());
    rules.put("Flatten", reshape);
    rules.put("Gather", new GatherRule());
    rules.put("GatherElements", new GatherElementsRule());
    rules.put("GatherND", new GatherNdRule());
    rules.put("Pad", new PadRule());
    rules.put("Reshape", reshape);
    rules.put("Slice", new SliceRule());
    rules.put("Split", new SplitRule());
    rules.put("Squeeze", reshape);
    rules.put("Tile", new TileRule());
    rules.put("Transpose", new TransposeRule());
    rules.put("Unsqueeze", reshape);
  }
}
