package io.sluice.loadtest.vitals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrendTest {
  @Test
  void of_aLineWithWildSamples_isTheSlopeOfTheLine() {
    List<Double> at = new ArrayList<>();
    List<Double> values = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      at.add(5.0 * i);
      values.add(i % 9 == 4 ? 1e6 : 100 + 0.25 * 5.0 * i);
    }
    assertThat(Trend.of(at, values).perSecond()).isCloseTo(0.25, within(1e-9));
  }

  @Test
  void growthShare_steadyGrowth_isGrowthOverTheMedian() {
    Trend trend = Trend.of(List.of(0.0, 10.0, 20.0), List.of(90.0, 100.0, 110.0));
    assertThat(trend.growthShare()).isCloseTo(0.2, within(1e-12));
  }

  @Test
  void of_oneSample_isRefused() {
    assertThatThrownBy(() -> Trend.of(List.of(1.0), List.of(1.0))).hasMessageContaining("2");
  }
}
