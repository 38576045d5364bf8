package io.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.precision.Precision;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.server.access.AccessSettings;
import io.sluice.server.access.ClientLimits;
import io.sluice.server.activation.CostSettings;
import io.sluice.server.engine.BatchingSettings;
import io.sluice.server.engine.EngineSettings;
import io.sluice.server.rpc.RequestLimits;
import io.sluice.server.telemetry.TelemetrySettings;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ServerSettingsTest {
  @Test
  void defaults_areThese() {
    assertThat(ServerSettings.defaults())
        .isEqualTo(
            new ServerSettings(
                "127.0.0.1",
                8433,
                "127.0.0.1",
                8434,
                Duration.ofSeconds(10),
                Duration.ofMinutes(2),
                new RequestLimits(100_000, 64, 1024, 16, 512, 4 << 20),
                BundleLimits.defaults(),
                new EngineSettings(
                    new BatchingSettings(
                        1024,
                        64,
                        1024,
                        Duration.ofMillis(5),
                        Duration.ofMillis(4),
                        Duration.ofSeconds(1)),
                    Precision.FP32,
                    64L << 20,
                    256L << 20,
                    64L << 20,
                    2,
                    Duration.ofSeconds(2),
                    false,
                    0,
                    0),
                new AccessSettings(
                    null,
                    null,
                    null,
                    new ClientLimits(
                        20_000,
                        20_000,
                        4096,
                        1024,
                        16_384,
                        Duration.ofSeconds(10),
                        Duration.ofMinutes(1),
                        4096,
                        16 << 10)),
                new TelemetrySettings(100, 0, null, 1),
                CostSettings.any()));
  }

  @Test
  void settings_outOfRange_sayWhatIsExpected() {
    assertThatThrownBy(() -> ServerSettings.defaults().withPorts(70_000, 0))
        .hasMessage("port: 70000 (expected: 0 to 65535)");
    assertThatThrownBy(() -> ServerSettings.defaults().withRequestTimeout(Duration.ZERO))
        .hasMessage("requestTimeout: PT0S (expected: above 0)");
    assertThatThrownBy(
            () -> new BatchingSettings(0, 1, 1, Duration.ZERO, Duration.ZERO, Duration.ZERO))
        .hasMessage("maxBatchTokens: 0 (expected: 1 or more)");
    assertThatThrownBy(() -> new RequestLimits(0, 1, 1, 1, 1, 1))
        .hasMessage("maxTextChars: 0 (expected: 1 or more)");
    assertThatThrownBy(() -> new RequestLimits(1, 1, 1, 0, 1, 1))
        .hasMessage("maxRowsAhead: 0 (expected: 1 or more)");
  }
}
