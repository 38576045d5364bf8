package io.sluice.server.rehearsal;

import static java.util.Objects.requireNonNull;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.server.Server;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.store.BundleStore;
import io.sluice.server.ServerSettings;
import io.sluice.server.access.PortAccess;
import io.sluice.server.activation.CostSettings;
import io.sluice.server.activation.TaskActivator;
import io.sluice.server.engine.Built;
import io.sluice.server.engine.Engine;
import io.sluice.server.engine.EngineSettings;
import io.sluice.server.http.PortServices;
import io.sluice.server.http.ServicePort;
import io.sluice.server.rpc.AdapterRpc;
import io.sluice.server.rpc.InferenceRpc;
import io.sluice.server.rpc.Readiness;
import io.sluice.server.rpc.RequestLimits;
import io.sluice.server.telemetry.Telemetry;
import io.sluice.server.telemetry.TelemetrySettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server over an encoder that computes next to nothing, and clients who send it bundles and ask
 * it over loopback as fast as it answers. Everything else is what the server to come is made of, so
 * the JVM compiles the ways of a bundle and of a request, from the socket to the engine thread and
 * back, before anybody waits for them: at the few hundred requests a second that a real encoder
 * allows, and the few bundles a day, that takes it minutes and years. Nothing stays of it but
 * compiled code. Stateless.
 */
public final class Rehearsal {
  private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);

  /** After so many more change little. */
  private static final int CALLS = 20_000;

  /** Bundles that are sent then. */
  private static final int BUNDLES = 96;

  /** The part of the time that is kept for them. */
  private static final double BUNDLES_PART = 1 / 3.0;

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
      Held held = run(backbone, settings, runtime, CALLS, BUNDLES, atMost);
      LOG.info(
          "rehearsed: {} calls, {} bundles in {} ms",
          held.calls(),
          held.bundles(),
          (System.nanoTime() - beginNanos) / 1_000_000);
    } catch (RuntimeException e) {
      LOG.warn("rehearsal: failed, the first requests will be slower", e);
    }
  }

  /**
   * What was done in a rehearsal.
   *
   * @param calls asked and answered
   * @param bundles registered
   */
  record Held(int calls, int bundles) {}

  /** Asks {@code calls} times and sends {@code bundles}, or fewer in {@code atMost} from now on. */
  static Held run(
      Backbone like,
      ServerSettings settings,
      OnnxRuntime runtime,
      int calls,
      int bundles,
      Duration atMost) {
    long beginNanos = System.nanoTime();
    // Without caches: the callers say the same again and again, and the engine shall hear it.
    EngineSettings plain =
        settings
            .engine()
            .withPrecision(Precision.FP32)
            .withResponseCacheBytes(0)
            .withTrunkCacheBytes(0);
    Backbone backbone = SmallEncoder.backbone(like);
    ExecutorService administration = Executors.newCachedThreadPool(Rehearsal::daemon);
    // Its own, so that what is said here is not counted there, and nothing is sent.
    try (Telemetry telemetry = new Telemetry(TelemetrySettings.defaults());
        RehearsalStore store = new RehearsalStore(settings.bundleLimits());
        Engine engine = Engine.start(backbone, plain, telemetry.engineListener(), runtime)) {
      for (int i = 0; i < TASKS.size(); i++) {
        AdapterBundle bundle = SmallEncoder.bundle(backbone, POINTS.get(i));
        try (Built built = engine.build(TASKS.get(i), bundle)) {
          engine.tasks().swap(built.take());
        }
      }
      Server server = open(engine, store.store(), settings, telemetry, administration);
      try (ClientFactory clients = ClientFactory.builder().build()) {
        int port = server.activeLocalPort();
        long endNanos = beginNanos + atMost.toNanos();
        long keptNanos = Math.round(BUNDLES_PART * atMost.toNanos());
        int asked = ask(port, clients, new Turns(TASKS, calls, endNanos - keptNanos));
        int registered =
            new Newcomers(port, clients, SmallEncoder.bundles(backbone, POINTS.get(0), runtime))
                .register(bundles, endNanos);
        return new Held(asked, registered);
      } finally {
        // Everybody is answered; the host's threads take two seconds more to go, which nobody
        // awaits.
        var unused = server.stop();
      }
    } finally {
      administration.shutdown();
    }
  }

  /** One port for asking and for administration. */
  private static Server open(
      Engine engine,
      BundleStore store,
      ServerSettings settings,
      Telemetry telemetry,
      ExecutorService administration) {
    TaskActivator activator =
        new TaskActivator(
            engine,
            store,
            settings.bundleLimits(),
            null,
            CostSettings.any(),
            new Readiness(),
            telemetry.activationListener());
    RequestLimits limits = settings.requestLimits();
    return new ServicePort(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            settings.requestTimeout(),
            limits.maxMessageBytes(),
            PortAccess.toAll(settings.requestTimeout()),
            telemetry,
            null)
        .open(
            PortServices.only(
                new InferenceRpc(engine, limits, telemetry.refusedRowListener()),
                new AdapterRpc(activator, settings.bundleLimits(), administration)));
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "sluice-rehearsal");
    thread.setDaemon(true);
    return thread;
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
