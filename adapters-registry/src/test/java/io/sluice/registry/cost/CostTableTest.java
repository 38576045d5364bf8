package io.sluice.registry.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.Device;
import io.sluice.registry.testing.TestingCosts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CostTableTest {
  private static final Offset<Double> EXACT = within(1e-9);

  private final CostTable table = TestingCosts.table();

  @Test
  void adapterMicros_betweenAndBeyondWhatWasMeasured_liesOnTheLine() {
    assertThat(table.adapterMicros("low_rank", 4, 32)).isCloseTo(24, EXACT);
    assertThat(table.adapterMicros("low_rank", 6, 32)).isCloseTo(31, EXACT);
    assertThat(table.adapterMicros("low_rank", 16, 32)).isCloseTo(66, EXACT);
    assertThat(table.adapterMicros("low_rank", 4, 48)).isCloseTo(31, EXACT);
    assertThat(table.adapterMicros("low_rank", 4, 128)).isCloseTo(66, EXACT);
    assertThat(table.adapterMicros("scale_shift", 0, 8)).isCloseTo(10.5, EXACT);
    assertThat(table.callMicros(48)).isCloseTo(15, EXACT);
    assertThat(table.encoderMicros(32, true)).isCloseTo(300, EXACT);
  }

  @Test
  void adapterMicros_kindNotMeasured_isRefused() {
    assertThatThrownBy(() -> table.adapterMicros("bottleneck_parallel", 4, 32))
        .isInstanceOfSatisfying(
            SluiceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION));
  }

  @Test
  void read_whatWasSaved_isEqual(@TempDir Path folder) {
    Path file = folder.resolve("new/costs.json");
    table.save(file);
    assertThat(CostTable.read(file)).isEqualTo(table);
    assertThat(CostTable.read(file).digest()).isEqualTo(table.digest());
  }

  @Test
  void read_tableOfAnEarlierVersion_isRefusedByItsVersion(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("costs.json");
    Files.writeString(file, "{\"format_version\": 1, \"tokens\": [16]}");
    assertThatThrownBy(() -> CostTable.read(file))
        .hasMessageEndingWith(
            "costs.json: format_version: 1 (expected: version 4, as sluice backbone profile writes)");
  }

  @Test
  void require_otherBackbonePrecisionOrDevice_isRefused() {
    Backbone backbone = SluiceMini.load();
    CostTable own =
        new CostTable(
            CostTable.VERSION,
            backbone.digest().hex(),
            backbone.name(),
            backbone.hiddenSize(),
            Precision.INT8,
            "cpu",
            table.machine(),
            table.tokens(),
            table.blockMicros(),
            table.firstTokenPoint(),
            table.endMicros(),
            table.callMicros(),
            table.adapters());
    own.require("costs.json", backbone, Precision.INT8, Device.CPU);
    refused(() -> table.require("costs.json", backbone, Precision.FP32, Device.CPU), "of testing");
    refused(
        () -> own.require("costs.json", backbone, Precision.FP32, Device.CPU),
        "costs.json of a backbone in INT8 on cpu (expected: in FP32 on cpu");
    refused(
        () -> own.require("costs.json", backbone, Precision.INT8, Device.cuda(1)),
        "costs.json of a backbone in INT8 on cpu (expected: in INT8 on cuda:1");
  }

  private static void refused(ThrowingCallable work, String message) {
    assertThatThrownBy(work)
        .isInstanceOfSatisfying(
            SluiceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION))
        .hasMessageContaining(message);
  }

  @Test
  void read_notACostTable_isRefusedByName(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("costs.json");
    assertThatThrownBy(() -> CostTable.read(file)).hasMessageContaining("costs.json (expected: ");
    for (String text :
        new String[] {"", "{}", "[1]", "{\"format_version\": 2}", "{\"format_version\": 1}"}) {
      Files.writeString(file, text);
      assertThatThrownBy(() -> CostTable.read(file))
          .isInstanceOfSatisfying(
              SluiceException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
          .hasMessageContaining("costs.json");
    }
  }
}
