package io.sluice.server;

import static java.util.Objects.requireNonNull;

import io.sluice.registry.bundle.BundleLimits;
import io.sluice.server.access.AccessSettings;
import io.sluice.server.activation.CostSettings;
import io.sluice.server.engine.EngineSettings;
import io.sluice.server.rpc.RequestLimits;
import io.sluice.server.telemetry.TelemetrySettings;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;

/**
 * How a server listens and works.
 *
 * @param host address of the data port; clients ask here
 * @param port data port; 0 takes a free one
 * @param adminHost address of the admin port; loopback unless stated
 * @param adminPort admin port; 0 takes a free one
 * @param requestTimeout limit of a request; a client's own deadline holds if it is earlier
 * @param adminTimeout limit of an administrative call, upload included
 * @param access who may ask what
 * @param bundleCosts what bundles may cost that serve
 */
@RecordBuilder
public record ServerSettings(
    String host,
    int port,
    String adminHost,
    int adminPort,
    Duration requestTimeout,
    Duration adminTimeout,
    RequestLimits requestLimits,
    BundleLimits bundleLimits,
    EngineSettings engine,
    AccessSettings access,
    TelemetrySettings telemetry,
    CostSettings bundleCosts)
    implements ServerSettingsBuilder.With {
  private static final int LAST_PORT = 65_535;

  public ServerSettings {
    requireNonNull(host, "host");
    requireNonNull(adminHost, "adminHost");
    requirePort("port", port);
    requirePort("adminPort", adminPort);
    requirePositive("requestTimeout", requestTimeout);
    requirePositive("adminTimeout", adminTimeout);
    requireNonNull(requestLimits, "requestLimits");
    requireNonNull(bundleLimits, "bundleLimits");
    requireNonNull(engine, "engine");
    requireNonNull(access, "access");
    requireNonNull(telemetry, "telemetry");
    requireNonNull(bundleCosts, "bundleCosts");
  }

  /** Both ports on loopback, 8433 and 8434. */
  public static ServerSettings defaults() {
    return new ServerSettings(
        "127.0.0.1",
        8433,
        "127.0.0.1",
        8434,
        Duration.ofSeconds(10),
        Duration.ofMinutes(2),
        RequestLimits.defaults(),
        BundleLimits.defaults(),
        EngineSettings.defaults(),
        AccessSettings.open(),
        TelemetrySettings.defaults(),
        CostSettings.any());
  }

  /** The same on other ports; 0 takes a free one. */
  public ServerSettings withPorts(int newPort, int newAdminPort) {
    return withPort(newPort).withAdminPort(newAdminPort);
  }

  private static void requirePort(String name, int port) {
    if (port < 0 || port > LAST_PORT) {
      throw new IllegalArgumentException(
          name + ": " + port + " (expected: 0 to " + LAST_PORT + ")");
    }
  }

  private static void requirePositive(String name, Duration duration) {
    requireNonNull(duration, name);
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException(name + ": " + duration + " (expected: above 0)");
    }
  }
}
