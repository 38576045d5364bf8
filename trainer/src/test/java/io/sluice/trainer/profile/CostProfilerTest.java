package io.sluice.trainer.profile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.cost.CostTable;
import io.sluice.trainer.model.AdapterForm;
import io.sluice.trainer.model.AdapterKind;
import io.sluice.trainer.testing.TestingBackbone;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CostProfilerTest {
  @Test
  void measure_everyKind_hasAFigureForEachLengthAndLeavesNothingOpen() {
    OnnxRuntime runtime = OnnxRuntime.shared();
    int handles = runtime.openHandles();
    Backbone backbone = TestingBackbone.make();
    List<AdapterKind> kinds =
        Arrays.stream(AdapterForm.values()).map(form -> form.ofRank(4)).toList();
    CostTable table =
        new CostProfiler(runtime, backbone, heard -> {}).measure(kinds, List.of(8, 32));
    assertThat(table.backbone()).isEqualTo(backbone.digest().hex());
    assertThat(table.blockMicros()).hasSize(backbone.points());
    assertThat(table.adapters()).hasSize(kinds.size());
    for (AdapterKind kind : kinds) {
      assertThat(table.adapterMicros(kind.code(), kind.rank(), 32)).isPositive();
    }
    assertThat(table.callMicros(8)).isPositive();
    assertThat(table.encoderMicros(8)).isPositive();
    assertThat(runtime.openHandles()).isEqualTo(handles);
  }
}
