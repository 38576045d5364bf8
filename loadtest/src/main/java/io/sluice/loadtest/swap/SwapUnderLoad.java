package io.sluice.loadtest.swap;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Digest;
import io.sluice.loadtest.ClosedLoop;
import io.sluice.loadtest.Exchange;
import java.util.List;

/**
 * Clients that ask one task all the time while a script swaps its bundle. Stateless.
 *
 * <pre>{@code
 * SwapReport report =
 *     SwapUnderLoad.run(
 *         SwapSettings.of(LoadSettings.closedLoop(Target.local(port), "task", texts, 8)),
 *         before.digest(),
 *         log -> log.activate(() -> admin.activate("task", after.digest()).digest()));
 * }</pre>
 */
public final class SwapUnderLoad {
  private SwapUnderLoad() {}

  /**
   * Runs the script under load. The clients ask before, during and after it.
   *
   * @param active the bundle that answers for the task now
   * @throws Exception what the script throws, after the clients have stopped
   */
  public static SwapReport run(SwapSettings settings, Digest active, SwapScript script)
      throws Exception {
    requireNonNull(script, "script");
    ActivationLog log = new ActivationLog(active);
    try (ClosedLoop clients = ClosedLoop.start(settings.load())) {
      clients.awaitExchanges(settings.warmUp());
      long measuredFrom = System.nanoTime();
      clients.awaitExchanges(settings.before());
      script.run(log);
      clients.awaitExchanges(settings.after());
      List<Exchange> exchanges = clients.stop();
      return SwapReport.of(exchanges, log.activations(), measuredFrom);
    }
  }
}
