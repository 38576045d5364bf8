package io.sluice.cli.command.serve;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.command.option.BackboneOption;
import io.sluice.cli.command.option.CommandProcess;
import io.sluice.cli.command.option.DeviceOption;
import io.sluice.cli.command.option.Input;
import io.sluice.cli.command.option.Output;
import io.sluice.cli.command.option.ServerOption;
import io.sluice.cli.command.option.ThreadsOption;
import io.sluice.cli.process.ProcessLife;
import io.sluice.cli.terminal.Screen;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.store.BundleStore;
import io.sluice.registry.store.StoreReport;
import io.sluice.registry.store.StoreSettings;
import io.sluice.registry.store.TaskState;
import io.sluice.server.ServerSettings;
import io.sluice.server.SluiceServer;
import io.sluice.server.rehearsal.Rehearsal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs a server until a signal ends it. */
@Command(
    name = "serve",
    preprocessor = ServeArguments.class,
    description =
        "Run a server until a signal ends it: new requests refused, accepted ones answered.",
    footer = {
      "",
      "Every option can be a key of the file, without its dashes, or an environment variable:",
      "max-queue-wait = 500, SLUICE_MAX_QUEUE_WAIT=500. The command line wins over the",
      "environment, and that over the file.",
    })
public final class ServeCommand implements Callable<Integer> {
  /** More than a server that is drained takes to close: for an activation under way to end. */
  private static final long CLOSING_SECONDS = 45;

  private static final int NAMED_TASKS = 8;

  private final CountDownLatch closed = new CountDownLatch(1);

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private BackboneOption backbone = new BackboneOption();
  @Mixin private ThreadsOption threads = new ThreadsOption();
  @Mixin private DeviceOption device = new DeviceOption();
  @Mixin private EngineOptions engine = new EngineOptions();
  @Mixin private AccessOptions access = new AccessOptions();
  @Mixin private ExamplesOption examples = new ExamplesOption();
  @Mixin private BundleCostOptions bundleCosts = new BundleCostOptions();
  @Mixin private TelemetryOptions telemetry = new TelemetryOptions();

  private List<ServeSetting> inForce = List.of();

  @SuppressWarnings("UnusedVariable") // ServeArguments reads it before there is a command.
  @Option(names = "--config", paramLabel = "FILE", description = "TOML file with options.")
  private @Nullable Path config;

  @Option(
      names = "--watch-bundles",
      paramLabel = "DIR",
      description = "Serve what is put there: NAME.bundle becomes the active bundle of task NAME.")
  private @Nullable Path watched;

  @Option(
      names = "--check-config",
      description = "Print the settings in force and where each comes from, and start nothing.")
  private boolean checkOnly;

  @Option(
      names = "--store",
      paramLabel = "DIR",
      defaultValue = ".sluice/store",
      description = "Where bundles and tasks are kept. Default: ${DEFAULT-VALUE}.")
  private Path store = Path.of("");

  @Option(
      names = "--host",
      defaultValue = "127.0.0.1",
      description = "Address that requests come in at. Default: ${DEFAULT-VALUE}.")
  private String host = "";

  @Option(
      names = "--port",
      defaultValue = "" + ServerOption.INFERENCE_PORT,
      description = "Port for requests, 0 for a free one. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--admin-host",
      defaultValue = "127.0.0.1",
      description = {
        "Address of administration. Beyond this machine it takes --tokens or --tls-client-ca.",
        "Default: ${DEFAULT-VALUE}."
      })
  private String adminHost = "";

  @Option(
      names = "--admin-port",
      defaultValue = "" + ServerOption.ADMIN_PORT,
      description = "Port for administration, 0 for a free one. Default: ${DEFAULT-VALUE}.")
  private int adminPort;

  @Option(
      names = "--keep-revisions",
      paramLabel = "N",
      defaultValue = "10",
      description =
          "Revisions of a task that the store keeps, the active one and the one before among them."
              + " Default: ${DEFAULT-VALUE}.")
  private int keptRevisions;

  @Option(
      names = "--drain-timeout",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description =
          "How long accepted requests may take after a signal. Default: ${DEFAULT-VALUE}.")
  private long drainSeconds;

  @Override
  public Integer call() throws InterruptedException {
    ServerSettings checked =
        Input.checked(
            () ->
                ServerSettings.defaults()
                    .withHost(host)
                    .withPorts(port, adminPort)
                    .withAdminHost(adminHost)
                    .withRequestLimits(access.requests())
                    .withAccess(access.settings())
                    .withEngine(engine.settings())
                    .withTelemetry(telemetry.settings()));
    StoreSettings kept =
        Input.checked(() -> StoreSettings.defaults().withKeptRevisions(keptRevisions));
    Duration drainTimeout = Input.seconds("drain-timeout", drainSeconds, 0);
    if (checkOnly) {
      inForce.forEach(setting -> Output.of(spec).line("%s", setting.line()));
      return 0;
    }
    if (watched != null && !Files.isDirectory(watched)) {
      throw new SluiceException(
          ErrorCode.NOT_FOUND, "watch-bundles: " + watched + " (expected: a directory)");
    }
    if (!Output.isFolder(store)) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "store: " + store + " (expected: a folder to write to)");
    }
    // Before the seconds that a backbone and a rehearsal take.
    SluiceServer.requireStartable(checked);
    BundleStore.requireFree(store);
    telemetry.beginLog();
    try {
      serve(checked, kept, drainTimeout);
    } finally {
      closed.countDown();
    }
    return 0;
  }

  private void serve(ServerSettings checked, StoreSettings kept, Duration drainTimeout)
      throws InterruptedException {
    boolean watching = watched != null;
    ProcessLife process = CommandProcess.of(spec);
    Screen screen = Output.of(spec);
    OnnxRuntime cpu = threads.runtime(process);
    Backbone loaded = backbone.load(cpu);
    OnnxRuntime runtime = device.serving(cpu, screen);
    engine.precision().requireOn(runtime.settings().device());
    ServerSettings settings =
        checked
            .withEngine(engine.onDevice(checked.engine(), runtime))
            .withBundleCosts(bundleCosts.settings(loaded, engine.precision(), runtime));
    try (BundleStore bundles =
        BundleStore.open(store, BundleLimits.defaults(), kept, InstantSource.system())) {
      // At once, as a store that was left before they are there would never have them.
      ServerSettings toStart = examples.add(bundles, loaded, settings, watching);
      Rehearsal.hold(loaded, settings, runtime);
      try (SluiceServer server = SluiceServer.start(loaded, bundles, toStart, runtime)) {
        begin(server, bundles, loaded, runtime);
        awaitSignal(process, screen, server, drainTimeout);
      }
    }
  }

  private void begin(
      SluiceServer server, BundleStore bundles, Backbone loaded, OnnxRuntime runtime) {
    Screen screen = Output.of(spec);
    if (watched != null) {
      server.watch(watched);
    }
    screen.line(
        "backbone %s %s in %s on %s",
        loaded.name(), loaded.digest(), engine.precision(), runtime.settings().device());
    screen.line("store    %s, %s", store, told(bundles.tasks()));
    screen.line("requests %s", at(host, server.port()));
    screen.line("admin    %s", at(adminHost, server.adminPort()));
    screen.line("metrics  %s://%s/metrics", access.scheme(), at(adminHost, server.adminPort()));
    screen.line("page     %s://%s/docs/", access.scheme(), at(host, server.port()));
    damages(bundles.opened()).forEach(damage -> screen.note("sluice: %s", damage));
  }

  /** Takes what {@link ServeArguments} found: all options that have a value. */
  void inForce(List<ServeSetting> found) {
    inForce = found;
  }

  /** As a URL has it, where colons of an address stand in brackets. */
  static String at(String host, int port) {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  private static String told(List<TaskState> tasks) {
    String count = tasks.size() + " tasks";
    return tasks.isEmpty() || tasks.size() > NAMED_TASKS
        ? count
        : count + ": " + tasks.stream().map(TaskState::name).collect(Collectors.joining(", "));
  }

  /** What cannot be used of a store that was opened, a line each. */
  static List<String> damages(StoreReport opened) {
    return opened.damaged().stream()
        .map(
            damage ->
                "bundle "
                    + damage.digest().shortForm()
                    + " of "
                    + String.join(", ", damage.tasks())
                    + " cannot be used until it is registered again: "
                    + damage.reason())
        .toList();
  }

  private void awaitSignal(
      ProcessLife process, Screen screen, SluiceServer server, Duration drainTimeout)
      throws InterruptedException {
    CountDownLatch drained = new CountDownLatch(1);
    process.endsBySignal();
    process.onStop(
        () -> {
          screen.note("sluice: stopping: new requests are refused, accepted ones answered");
          if (!server.drain(drainTimeout)) {
            screen.note("sluice: not every request was answered within %d s", drainSeconds);
          }
          drained.countDown();
          awaitClosed();
        });
    drained.await();
  }

  /** The store closes on the command's own thread; the process must not go down before that. */
  private void awaitClosed() {
    try {
      if (!closed.await(CLOSING_SECONDS, TimeUnit.SECONDS)) {
        Output.of(spec).note("sluice: not closed within %d s", CLOSING_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
