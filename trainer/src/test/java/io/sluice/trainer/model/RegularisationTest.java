package io.sluice.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.Encoding;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegularisationTest {
  private static final Encoding ROW = new Encoding(new long[] {1}, new long[] {0}, false);

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final EncodedRows rows = new EncodedRows(List.of(ROW, ROW), new int[] {2, 0});

  @Test
  void targets_smoothed_sumToOneOverRows() {
    Regularisation regularisation = new Regularisation(4, 3, 0, 0.3, 1);
    try (HostTensor targets = regularisation.targets(runtime, rows, new int[] {0, 1}, 1)) {
      assertThat(targets.toData().toFloats())
          .containsExactly(new float[] {.05f, .05f, .4f, .4f, .05f, .05f}, within(1e-6f));
    }
  }

  @Test
  void keep_dropout_keepsTheMeanAndDependsOnTheStepOnly() {
    Regularisation regularisation = new Regularisation(500, 2, 0.25, 0, 7);
    float[] first = keep(regularisation, 3);
    assertThat(keep(regularisation, 4)).isNotEqualTo(first);
    assertThat(keep(new Regularisation(500, 2, 0.25, 0, 7), 3)).isEqualTo(first);
    double sum = 0;
    for (float factor : first) {
      assertThat(factor == 0 || Math.abs(factor - 4f / 3) < 1e-6).isTrue();
      sum += factor;
    }
    // Four standard errors of a mean of 1,000 such factors.
    assertThat(sum / first.length).isCloseTo(1, within(0.074));
    assertThat(keep(Regularisation.none(500, 2), 3)).containsOnly(1f);
  }

  private float[] keep(Regularisation regularisation, int step) {
    try (HostTensor keep = regularisation.keep(runtime, step, 2)) {
      return keep.toData().toFloats();
    }
  }
}
