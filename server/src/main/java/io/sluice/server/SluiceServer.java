package io.sluice.server;

import static java.util.Objects.requireNonNull;

import com.linecorp.armeria.server.Server;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.store.BundleStore;
import io.sluice.server.access.Access;
import io.sluice.server.access.Role;
import io.sluice.server.activation.BundleWatch;
import io.sluice.server.activation.TaskActivator;
import io.sluice.server.engine.Engine;
import io.sluice.server.http.FreePorts;
import io.sluice.server.http.PortServices;
import io.sluice.server.http.Probes;
import io.sluice.server.http.ServicePort;
import io.sluice.server.oip.OpenInferenceRpc;
import io.sluice.server.oip.RepositoryRpc;
import io.sluice.server.rpc.AdapterRpc;
import io.sluice.server.rpc.InferenceRpc;
import io.sluice.server.rpc.Readiness;
import io.sluice.server.telemetry.MetricsPage;
import io.sluice.server.telemetry.Telemetry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running server: the engine over one backbone and one store, and the two ports before it.
 * Thread-safe. The backbone, the store and the runtime stay the caller's.
 *
 * <p>Clients ask at the data port; bundles are administered at the admin port; both tell health and
 * reflection, take gRPC and HTTP/JSON, and have a page to try it.
 */
public final class SluiceServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SluiceServer.class);
  private static final Duration CLOSE_DRAIN = Duration.ofSeconds(10);

  /** How long an activation under way may take to end; a retirement ends when requests do. */
  private static final Duration LAST_CALLS = Duration.ofSeconds(30);

  /** Administrative calls worked on; those of one task take turns where they change it. */
  private static final int CALLS_AT_ONCE = 8;

  /** Each may hold a whole bundle. */
  private static final int WAITING_CALLS = 16;

  private final Telemetry telemetry;
  private final Engine engine;
  private final TaskActivator activator;
  private final long maxBundleBytes;
  private final List<BundleWatch> watches = new CopyOnWriteArrayList<>();
  private final Readiness readiness;
  private final ExecutorService administration;
  private final Access access;
  private final Server data;
  private final Server admin;
  private final AtomicBoolean drained = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();

  private SluiceServer(
      Telemetry telemetry,
      Engine engine,
      TaskActivator activator,
      long maxBundleBytes,
      Readiness readiness,
      ExecutorService administration,
      Access access,
      Server data,
      Server admin) {
    this.telemetry = telemetry;
    this.engine = engine;
    this.activator = activator;
    this.maxBundleBytes = maxBundleBytes;
    this.readiness = readiness;
    this.administration = administration;
    this.access = access;
    this.data = data;
    this.admin = admin;
  }

  /**
   * Loads what the store says is active and warms it up, then listens.
   *
   * @throws SluiceException UNAVAILABLE when a port cannot be had; INVALID_ARGUMENT or NOT_FOUND
   *     when nobody may be let in as the settings say
   */
  public static SluiceServer start(
      Backbone backbone, BundleStore store, ServerSettings settings, OnnxRuntime runtime) {
    requireNonNull(store, "store");
    requireGuarded(settings);
    Access access = Access.open(settings.access());
    try {
      return start(backbone, store, settings, runtime, access);
    } catch (RuntimeException | Error e) {
      access.close();
      throw e;
    }
  }

  /**
   * Fails as {@link #start} would for who is let in and for ports that others have: at once, before
   * a backbone is there, and taking nothing.
   */
  public static void requireStartable(ServerSettings settings) {
    requireGuarded(settings);
    Access.open(settings.access()).close();
    FreePorts.require(
        new InetSocketAddress(settings.host(), settings.port()),
        new InetSocketAddress(settings.adminHost(), settings.adminPort()));
  }

  private static SluiceServer start(
      Backbone backbone,
      BundleStore store,
      ServerSettings settings,
      OnnxRuntime runtime,
      Access access) {
    Telemetry telemetry = new Telemetry(settings.telemetry());
    Engine engine;
    try {
      engine = Engine.start(backbone, settings.engine(), telemetry.engineListener(), runtime);
    } catch (RuntimeException | Error e) {
      telemetry.close();
      throw e;
    }
    ExecutorService administration = administration();
    try {
      Readiness readiness = new Readiness();
      TaskActivator activator =
          new TaskActivator(
              engine,
              store,
              settings.bundleLimits(),
              access.trust(),
              settings.bundleCosts(),
              readiness,
              telemetry.activationListener());
      activator.restore();
      engine.warmUp(settings.engine().warmUp());
      InferenceRpc inference =
          new InferenceRpc(engine, settings.requestLimits(), telemetry.refusedRowListener());
      AdapterRpc adapters = new AdapterRpc(activator, settings.bundleLimits(), administration);
      Probes probes = new Probes(readiness::isReady, engine.tasks()::has);
      Server data =
          new ServicePort(
                  new InetSocketAddress(settings.host(), settings.port()),
                  settings.requestTimeout(),
                  settings.requestLimits().maxMessageBytes(),
                  access.port(Role.INFER, Map.of(), settings.requestTimeout()),
                  telemetry,
                  null)
              .open(
                  new PortServices(
                      List.of(
                          inference,
                          new OpenInferenceRpc(engine.tasks(), inference, readiness::isReady),
                          readiness.service()),
                      List.of(),
                      probes,
                      null));
      Server admin;
      try {
        admin =
            new ServicePort(
                    new InetSocketAddress(settings.adminHost(), settings.adminPort()),
                    settings.adminTimeout(),
                    settings.requestLimits().maxMessageBytes(),
                    access.port(
                        Role.OPERATE,
                        Map.of(MetricsPage.PATH, Role.METRICS),
                        settings.adminTimeout()),
                    telemetry,
                    telemetry.page(engine, store))
                .open(
                    new PortServices(
                        List.of(
                            adapters,
                            new RepositoryRpc(
                                engine.tasks(),
                                inference,
                                adapters,
                                activator::withdraw,
                                readiness::isReady),
                            readiness.service()),
                        RepositoryRpc.HTTP_RULES,
                        probes,
                        adapters));
      } catch (RuntimeException | Error e) {
        data.close();
        throw e;
      }
      readiness.ready();
      return new SluiceServer(
          telemetry,
          engine,
          activator,
          settings.bundleLimits().maxBundleBytes(),
          readiness,
          administration,
          access,
          data,
          admin);
    } catch (RuntimeException | Error e) {
      administration.shutdownNow();
      engine.close();
      telemetry.close();
      throw e;
    }
  }

  /** Who administers decides what is answered: that is not for everybody on a network. */
  private static void requireGuarded(ServerSettings settings) {
    InetAddress address = new InetSocketAddress(settings.adminHost(), 0).getAddress();
    if ((address == null || !address.isLoopbackAddress()) && !settings.access().authenticates()) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "admin-host: "
              + settings.adminHost()
              + " without tokens or client certificates (expected: --tokens FILE, or --tls-cert,"
              + " --tls-key and --tls-client-ca; else an address of this machine only)");
    }
  }

  /** Some threads, as most of a call is waiting for the disk and the engine; full, it refuses. */
  private static ExecutorService administration() {
    return new ThreadPoolExecutor(
        CALLS_AT_ONCE,
        CALLS_AT_ONCE,
        0,
        TimeUnit.SECONDS,
        new ArrayBlockingQueue<>(WAITING_CALLS),
        runnable -> {
          Thread worker = new Thread(runnable, "sluice-admin");
          worker.setDaemon(true);
          return worker;
        });
  }

  /** The data port. */
  public int port() {
    return data.activeLocalPort();
  }

  /** The admin port. */
  public int adminPort() {
    return admin.activeLocalPort();
  }

  /** Makes the bundles of a directory serve from now on, as {@link BundleWatch} says. */
  public void watch(Path directory) {
    watches.add(BundleWatch.start(directory, activator, maxBundleBytes));
  }

  /**
   * Says first that it is not ready, refuses new requests, and waits for the accepted ones.
   *
   * @return whether all of them were answered in time
   */
  public boolean drain(Duration timeout) {
    requireNonNull(timeout, "timeout");
    readiness.draining();
    engine.refuse();
    try {
      boolean idle = engine.awaitIdle(timeout);
      if (!drained.getAndSet(idle)) {
        log.atInfo().addKeyValue("answered", idle).log("drained");
      }
      return idle;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Drains, stops listening and frees everything. A second call does nothing.
   *
   * @throws IllegalStateException when something still computes after its time, or the thread is
   *     interrupted: nothing it may use is freed then
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    drain(CLOSE_DRAIN);
    try {
      stopListening();
      finishAdministration();
      engine.close();
    } finally {
      telemetry.close();
    }
  }

  private void stopListening() {
    try {
      watches.forEach(BundleWatch::close);
    } finally {
      CompletableFuture.allOf(data.stop(), admin.stop()).join();
      access.close();
    }
  }

  /** An activation under way ends before what it builds with is freed. */
  private void finishAdministration() {
    administration.shutdown();
    try {
      if (!administration.awaitTermination(LAST_CALLS.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException(
            "administration: busy (expected: done in " + LAST_CALLS + ")");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("server: interrupted while closing; not freed", e);
    }
  }
}
