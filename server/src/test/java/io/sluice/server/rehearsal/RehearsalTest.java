package io.sluice.server.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.server.ServerSettings;
import io.sluice.server.testing.TestingBackbone;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RehearsalTest {
  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = TestingBackbone.create();

  @Test
  void run_manyCalls_isAnsweredInBothProtocolsAndLeavesNoHandle() {
    int before = runtime.openHandles();
    int calls =
        Rehearsal.run(backbone, ServerSettings.defaults(), runtime, 200, Duration.ofMinutes(1));
    // A refusal of any of the callers would have been thrown.
    assertThat(calls).isEqualTo(200);
    assertThat(runtime.openHandles()).isEqualTo(before);
  }

  @Test
  void backbone_likeAnother_takesItsTokenizerAndLengths() {
    Backbone small = SmallEncoder.backbone(backbone);
    assertThat(small.tokenizerJson()).isEqualTo(backbone.tokenizerJson());
    assertThat(small.maxPositions()).isEqualTo(backbone.maxPositions());
    assertThat(SmallEncoder.bundle(small, List.of(1)).manifest().backbone())
        .isEqualTo(small.digest());
  }
}
