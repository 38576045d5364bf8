package io.sluice.trainer.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetTest {
  @Test
  void parse_percentAndCount_areLimits() {
    assertThat(Budget.parseParameters("1.4%").limit(13_800_000)).isEqualTo(193_200);
    assertThat(Budget.parseParameters("1.4%")).hasToString("1.4%");
    assertThat(Budget.parseParameters("190_000").limit(13_800_000)).isEqualTo(190_000);
    assertThat(new Budget.Points(4).limit(13_800_000)).isEqualTo(4);
    assertThat(new Budget.Points(4).cost(8464)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "%", "x", "1.4", "-3", "0%", "101%", "NaN%"})
  void parse_notABudget_isRefused(String text) {
    assertThatThrownBy(() -> Budget.parseParameters(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("(expected: ");
  }
}
