package io.sluice.cli.command.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.command.MadeUpPrices;
import io.sluice.cli.command.option.CostFile;
import io.sluice.registry.cost.CostTable;
import io.sluice.server.activation.CostSettings;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Which prices a server goes by. */
class BundleCostOptionsTest {
  private static final Backbone BACKBONE = SluiceMini.load();

  @TempDir Path directory;

  @Test
  void settings_tableOfThePrecisionThatIsServed_isTakenAndNoOther() {
    Path file = directory.resolve("costs.json");
    CostTable int8 = MadeUpPrices.of(BACKBONE.digest().hex(), Precision.INT8);
    int8.save(file);
    BundleCostOptions options = new BundleCostOptions();
    new CommandLine(options)
        .parseArgs("--costs", file.toString(), "--max-bundle-latency-us", "3000");
    OnnxRuntime runtime = OnnxRuntime.shared();

    CostSettings served = options.settings(BACKBONE, Precision.INT8, runtime);

    assertThat(served.prices()).isEqualTo(int8);
    assertThat(served.maxMicros()).isEqualTo(3000);
    assertThatThrownBy(() -> options.settings(BACKBONE, Precision.FP32, runtime))
        .isInstanceOfSatisfying(
            SluiceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION))
        .hasMessageContaining("in INT8 on cpu (expected: in FP32 on cpu");
    assertThat(CostFile.of(BACKBONE, Precision.INT8, runtime))
        .isNotEqualTo(CostFile.of(BACKBONE, Precision.FP32, runtime));
  }
}
