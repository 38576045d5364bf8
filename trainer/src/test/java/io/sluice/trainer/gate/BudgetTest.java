package io.sluice.trainer.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.registry.cost.CostTable;
import io.sluice.registry.testing.TestingCosts;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetTest {
  private final BudgetSubject subject =
      new BudgetSubject(
          List.of(
              new BudgetSubject.Item(1, "low_rank", 4, 2048),
              new BudgetSubject.Item(1, "scale_shift", 0, 512),
              new BudgetSubject.Item(2, "low_rank", 4, 2048),
              new BudgetSubject.Item(2, "scale_shift", 0, 512)),
          13_800_000);

  @Test
  void constraints_percentAndCount_limitParameters() {
    assertThat(only(Budget.parseParameters("1.4%")).limit()).isEqualTo(193_200);
    assertThat(Budget.parseParameters("1.4%")).hasToString("1.4%");
    assertThat(only(Budget.parseParameters("190_000")).limit()).isEqualTo(190_000);
    assertThat(only(Budget.parseParameters("190_000")).full()).isEqualTo(5120);
  }

  @Test
  void constraints_points_countEachPointOnce() {
    Constraint points = only(new Budget.Points(1));
    assertThat(points.of(bits(0, 1))).isEqualTo(1);
    assertThat(points.of(bits(1, 2))).isEqualTo(2);
    assertThat(points.full()).isEqualTo(2);
    assertThat(points.least()).isEqualTo(1);
  }

  @Test
  void constraints_sparsity_leavesAtMostTheRest() {
    assertThat(only(Budget.parseSparsity("50%")).limit()).isEqualTo(2);
    assertThat(only(Budget.parseSparsity("0.3")).limit()).isEqualTo(2);
    assertThat(only(Budget.parseSparsity("25%")).limit()).isEqualTo(3);
    assertThat(only(Budget.parseSparsity("25%")).of(bits(0, 1, 3))).isEqualTo(3);
  }

  @Test
  void constraints_latency_countsTheCallOnceAPoint() {
    CostTable table = TestingCosts.table();
    Constraint latency = only(new Budget.Latency(100, 32, table));
    assertThat(latency.limit()).isEqualTo(100_000);
    assertThat(latency.of(bits(0))).isEqualTo(24_000);
    assertThat(latency.of(bits(1))).isEqualTo(12_000);
    assertThat(latency.of(bits(0, 1))).isEqualTo(26_000);
    assertThat(latency.of(bits(0, 2))).isEqualTo(48_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "%", "x", "1.4", "-3", "0%", "101%", "NaN%"})
  void parse_notABudget_isRefused(String text) {
    assertThatThrownBy(() -> Budget.parseParameters(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("(expected: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "%", "x", "100%", "1", "-1%", "NaN"})
  void parse_notASparsity_isRefused(String text) {
    assertThatThrownBy(() -> Budget.parseSparsity(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("(expected: ");
  }

  private Constraint only(Budget budget) {
    assertThat(budget.constraints(subject)).hasSize(1);
    return budget.constraints(subject).get(0);
  }

  private static BitSet bits(int... set) {
    BitSet bits = new BitSet();
    for (int bit : set) {
      bits.set(bit);
    }
    return bits;
  }
}
