package io.sluice.trainer.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.registry.cost.CostTable;
import io.sluice.trainer.model.AdapterForm;
import io.sluice.trainer.model.AdapterKind;
import io.sluice.trainer.testing.TestingBackbone;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CostProfilerTest {
  @ParameterizedTest
  @EnumSource(names = {"FP32", "INT8"})
  void measure_everyKind_hasAFigureForEachLengthAndLeavesNothingOpen(Precision precision) {
    OnnxRuntime runtime = OnnxRuntime.shared();
    int handles = runtime.openHandles();
    Backbone backbone = TestingBackbone.make();
    List<AdapterKind> kinds =
        Arrays.stream(AdapterForm.values()).map(form -> form.ofRank(4)).toList();
    CostTable table;
    CostProfiler profiler;
    try (BackboneSessions sessions =
        BackboneSessions.open(backbone, runtime, SessionSettings.defaults(), precision)) {
      profiler = new CostProfiler(runtime, sessions, heard -> {});
      table = profiler.measure(kinds, List.of(8, 32));
    }
    assertThat(table.precision()).isEqualTo(precision);
    assertThat(table.device()).isEqualTo("cpu");
    assertThat(table.backbone()).isEqualTo(backbone.digest().hex());
    assertThat(table.blockMicros()).hasSize(backbone.points());
    assertThat(table.adapters()).hasSize(kinds.size());
    for (AdapterKind kind : kinds) {
      assertThat(table.adapterMicros(kind.code(), kind.rank(), 32)).isPositive();
    }
    assertThat(table.callMicros(8)).isPositive();
    assertThat(table.firstTokenPoint()).isEqualTo(backbone.firstTokenPoint());
    assertThat(table.endMicros()).hasSize(2).allSatisfy(end -> assertThat(end).isPositive());
    assertThat(table.encoderMicros(8, false)).isPositive();
    assertThat(runtime.openHandles()).isEqualTo(handles);
    // It has measured these very sessions, and opens none of another precision in their place.
    assertThatThrownBy(() -> profiler.measure(kinds, List.of(8)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("session: closed");
  }
}
