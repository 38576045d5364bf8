package io.sluice.server.rehearsal;

import static java.util.Objects.requireNonNull;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.server.Server;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.server.ServerSettings;
import io.sluice.server.access.PortAccess;
import io.sluice.server.engine.Built;
import io.sluice.server.engine.Engine;
import io.sluice.server.engine.EngineSettings;
import io.sluice.server.http.PortServices;
import io.sluice.server.http.ServicePort;
import io.sluice.server.rpc.InferenceRpc;
import io.sluice.server.rpc.RequestLimits;
import io.sluice.server.telemetry.Telemetry;
import io.sluice.server.telemetry.TelemetrySettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server over an encoder that computes next to nothing, and clients who ask it over loopback as
 * fast as it answers. Everything else is what the server to come is made of, so the JVM compiles
 * the way of a request, from the socket to an engine thread and back, before anybody waits for it:
 * at the few hundred requests a second that a real encoder allows that takes it minutes. Nothing
 * stays of it but compiled code. Stateless.
 */
public final class Rehearsal {
  private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);

  /** After so many more change little. */
  private static final int CALLS = 20_000;

  private static final int GRPC_CALLERS = 7;

  /** Batches of one of them go through one session, batches of both point by point. */
  private static final List<String> TASKS = List.of("low", "high");

  private static final List<List<Integer>> POINTS = List.of(List.of(1, 2), List.of(2));

  private Rehearsal() {}

  /**
   * Holds it, for as long as {@code settings} let the server warm up at most; to be called once in
   * a process, before the server is started. A failure is logged and changes nothing: the first
   * requests are slower then.
   *
   * @param backbone whose tokenizer is used
   */
  public static void hold(Backbone backbone, ServerSettings settings, OnnxRuntime runtime) {
    requireNonNull(backbone, "backbone");
    Duration atMost = settings.engine().warmUp();
    if (atMost.isZero()) {
      return;
    }
    long beginNanos = System.nanoTime();
    try {
      int calls = run(backbone, settings, runtime, CALLS, atMost);
      LOG.info("rehearsed: {} calls in {} ms", calls, (System.nanoTime() - beginNanos) / 1_000_000);
    } catch (RuntimeException e) {
      LOG.warn("rehearsal: failed, the first requests will be slower", e);
    }
  }

  /** How often it was asked: {@code calls} times, or fewer in {@code atMost} from the first on. */
  static int run(
      Backbone like, ServerSettings settings, OnnxRuntime runtime, int calls, Duration atMost) {
    RequestLimits limits = settings.requestLimits();
    // Without caches: the callers say the same again and again, and the engine shall hear it.
    EngineSettings plain =
        settings
            .engine()
            .withPrecision(Precision.FP32)
            .withResponseCacheBytes(0)
            .withTrunkCacheBytes(0);
    Backbone backbone = SmallEncoder.backbone(like);
    // Its own, so that what is said here is not counted there, and nothing is sent.
    try (Telemetry telemetry = new Telemetry(TelemetrySettings.defaults());
        Engine engine = Engine.start(backbone, plain, telemetry.engineListener(), runtime)) {
      for (int i = 0; i < TASKS.size(); i++) {
        AdapterBundle bundle = SmallEncoder.bundle(backbone, POINTS.get(i));
        try (Built built = engine.build(TASKS.get(i), bundle)) {
          engine.tasks().swap(built.take());
        }
      }
      Server server =
          new ServicePort(
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                  settings.requestTimeout(),
                  limits.maxMessageBytes(),
                  PortAccess.toAll(settings.requestTimeout()),
                  telemetry,
                  null)
              .open(
                  PortServices.only(
                      new InferenceRpc(engine, limits, telemetry.refusedRowListener())));
      try (ClientFactory clients = ClientFactory.builder().build()) {
        return ask(
            server.activeLocalPort(),
            clients,
            new Turns(TASKS, calls, System.nanoTime() + atMost.toNanos()));
      } finally {
        // Everybody is answered; the host's threads take two seconds more to go, which nobody
        // awaits.
        var unused = server.stop();
      }
    }
  }

  private static int ask(int port, ClientFactory clients, Turns turns) {
    List<Caller> callers = new ArrayList<>();
    for (int i = 0; i < GRPC_CALLERS; i++) {
      callers.add(Caller.grpc(port, clients));
    }
    callers.add(Caller.json(port, clients));
    return turns.take(callers);
  }
}
