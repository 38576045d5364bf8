package io.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.registry.bundle.Pooling;
import io.sluice.trainer.model.BottleneckSequential;
import io.sluice.trainer.model.LinearHead;
import io.sluice.trainer.model.ParameterLayout;
import io.sluice.trainer.model.SearchSpace;
import java.util.List;
import org.junit.jupiter.api.Test;

class PointRatesTest {
  private static final int HIDDEN = 6;

  @Test
  void at_candidatesOpenTogether_shareTheRateOfTheirPoint() {
    SearchSpace space =
        SearchSpace.of(
            List.of(1, 3), List.of(new BottleneckSequential(2), new BottleneckSequential(4)));
    ParameterLayout layout =
        ParameterLayout.of(space.candidates(), new LinearHead(Pooling.MEAN, 3), HIDDEN);
    PointRates rates = new PointRates(layout, space, 4);
    float[] half = rates.at(new double[] {1, 1, 0.25, 0.5}).clone();
    float[] third = rates.at(new double[] {0, 0, 1, 0.6}).clone();
    for (ParameterLayout.Slot slot : layout.slots()) {
      boolean firstPoint = slot.owner() == 0 || slot.owner() == 1;
      boolean lastPoint = slot.owner() == 2 || slot.owner() == 3;
      for (int i = slot.offset(); i < slot.offset() + slot.spec().size(); i++) {
        assertThat(half[i]).as("owner %s", slot.owner()).isEqualTo(firstPoint ? 0.5f : 1);
        assertThat(third[i]).as("owner %s", slot.owner()).isEqualTo(lastPoint ? 1 / 1.6f : 1);
      }
    }
  }
}
