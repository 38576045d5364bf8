package io.sluice.server.testing;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.server.ServerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The server that all tests of a class ask, each of tasks of its own: stopping one takes two
 * seconds. It is there before the first of them, over an empty store, and goes after the last; then
 * no native handle may be left that the class began without.
 */
public final class SharedServer implements BeforeAllCallback, AfterAllCallback {
  private final Backbone backbone;
  private final ServerSettings settings;
  private final OnnxRuntime runtime;
  private final int handlesBefore;
  private @Nullable Path store;
  private @Nullable RunningServer running;

  public SharedServer(Backbone backbone, ServerSettings settings, OnnxRuntime runtime) {
    this.backbone = backbone;
    this.settings = settings;
    this.runtime = runtime;
    this.handlesBefore = runtime.openHandles();
  }

  public RunningServer get() {
    return requireNonNull(running, "running");
  }

  /** The directory of its store. */
  public Path store() {
    return requireNonNull(store, "store");
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    store = Files.createTempDirectory("shared-server");
    running = new RunningServer(store, backbone, settings, runtime);
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    if (running != null) {
      running.close();
      assertThat(runtime.openHandles()).as("native handles left").isEqualTo(handlesBefore);
    }
    try (Stream<Path> files = Files.walk(store())) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
