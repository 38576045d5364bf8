package io.sluice.server.testing;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.server.ServerSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Servers that a test starts for itself, closed when it is over. */
public final class OwnServers implements AfterEachCallback {
  private final Backbone backbone;
  private final OnnxRuntime runtime;
  private final List<RunningServer> running = new ArrayList<>();

  public OwnServers(Backbone backbone, OnnxRuntime runtime) {
    this.backbone = backbone;
    this.runtime = runtime;
  }

  /** Starts one over a store, which no other may have open. */
  public RunningServer start(Path store, ServerSettings settings) {
    RunningServer server = new RunningServer(store, backbone, settings, runtime);
    running.add(server);
    return server;
  }

  /** Closes one before its test is over. */
  public void close(RunningServer server) {
    running.remove(server);
    server.close();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    running.forEach(RunningServer::close);
    running.clear();
  }
}
