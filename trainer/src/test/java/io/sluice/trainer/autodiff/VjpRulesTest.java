package io.sluice.trainer.autodiff;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.graph.DataType;
import io.sluice.trainer.autodiff.vjp.VjpRules;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** Every rule against central differences of ONNX Runtime's own forward pass. */
class VjpRulesTest {

  /**
   * Rounding of a float32 forward pass (6e-8 of values of order 10), divided by the step 1.5e-2.
   */
  private static final double FLOAT_TOLERANCE = 1e-3;

  private static final double DOUBLE_TOLERANCE = 1e-6;

  /**
   * Oldest and newest forms: axes as attributes (13), LayerNormalization (17), axes as inputs (18),
   * Gelu (20).
   */
  private static final long[] OPSETS = {13, 17, 18, 20};

  private static final List<Map<String, Long>> SIZES =
      List.of(Map.of("batch", 2L, "seq", 3L), Map.of("batch", 1L, "seq", 4L));

  private static final Map<DataType, Double> WORST = new EnumMap<>(DataType.class);

  @AfterAll
  static void report() {
    LoggerFactory.getLogger(VjpRulesTest.class).info("largest relative errors: {}", WORST);
  }

  static List<Arguments> cases() {
    List<Arguments> cases = new ArrayList<>();
    for (RuleCase one : RuleCases.all()) {
      cases.add(Arguments.of(one, DataType.FLOAT));
      if (one.inDouble()) {
        cases.add(Arguments.of(one, DataType.DOUBLE));
      }
    }
    return cases;
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void gradient_everyOpsetAndSize_isThatOfCentralDifferences(RuleCase one, DataType type) {
    long seed = one.name().hashCode();
    double tolerance = type == DataType.DOUBLE ? DOUBLE_TOLERANCE : FLOAT_TOLERANCE;
    for (long opset : OPSETS) {
      if (opset < 16 && scatters(one)) {
        continue;
      }
      for (Map<String, Long> sizes : SIZES) {
        double error =
            new GradientCheck(one.write(type, opset), sizes, new Random(seed)).worstError();
        WORST.merge(type, error, Math::max);
        assertThat(error)
            .as("%s %s opset %d sizes %s seed %d", one, type, opset, sizes, seed)
            .isLessThan(tolerance);
      }
    }
  }

  @Test
  void table_everyOperator_hasACase() {
    Set<String> covered = new TreeSet<>();
    for (RuleCase one : RuleCases.all()) {
      for (long opset : OPSETS) {
        one.write(DataType.FLOAT, opset)
            .graph()
            .nodes()
            .forEach(
                node ->
                    covered.add(
                        node.domain().isEmpty() ? node.op() : node.domain() + "." + node.op()));
      }
    }
    assertThat(covered).containsAll(VjpRules.operators());
  }

  /** ScatterND adds from opset 16 on. */
  private static boolean scatters(RuleCase one) {
    return one.name().startsWith("Gather")
        || one.name().contains("every second")
        || one.name().contains("backwards")
        || one.name().contains("by two");
  }
}
