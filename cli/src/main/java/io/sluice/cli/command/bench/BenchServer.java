package io.sluice.cli.command.bench;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.process.ProcessLife;
import io.sluice.cli.process.QuietLog;
import io.sluice.loadtest.AdminCalls;
import io.sluice.loadtest.Target;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.store.BundleStore;
import io.sluice.server.ServerSettings;
import io.sluice.server.SluiceServer;
import io.sluice.server.rehearsal.Rehearsal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;

/**
 * A server in this process on free ports and an empty store, and what one measures it with. Stops
 * in order on a signal. Confined to one thread.
 */
final class BenchServer implements AutoCloseable {
  private static final Duration ADMIN_DEADLINE = Duration.ofMinutes(2);

  private final ProcessLife process;
  private final QuietLog quiet = QuietLog.begin();
  private final BundleStore store;
  private final SluiceServer server;
  private final BackboneSessions sessions;
  private final AdminCalls admin;
  private final Runnable stop;

  /**
   * Starts it.
   *
   * @param directory empty; stays the caller's
   */
  BenchServer(Backbone backbone, Path directory, ProcessLife process) {
    this.process = process;
    OnnxRuntime runtime = process.runtime();
    this.store = BundleStore.open(directory, BundleLimits.defaults(), InstantSource.system());
    ServerSettings settings = ServerSettings.defaults().withPorts(0, 0);
    Rehearsal.hold(backbone, settings, runtime);
    this.server = SluiceServer.start(backbone, store, settings, runtime);
    this.sessions = BackboneSessions.open(backbone, runtime);
    this.admin = new AdminCalls(Target.local(server.adminPort()), ADMIN_DEADLINE);
    this.stop = server::close;
    process.onStop(stop);
  }

  /** The port that answers. */
  Target target() {
    return Target.local(server.port());
  }

  /** The port that administers. */
  AdminCalls admin() {
    return admin;
  }

  /** Sessions of the same backbone outside the server, to make bundles with. */
  BackboneSessions sessions() {
    return sessions;
  }

  @Override
  public void close() {
    process.forget(stop);
    admin.close();
    sessions.close();
    server.close();
    store.close();
    quiet.close();
  }
}
