package io.sluice.cli.command.bench;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneFormat;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.command.option.CommandProcess;
import io.sluice.cli.command.option.Output;
import io.sluice.cli.command.option.TemporaryDirectory;
import io.sluice.cli.process.ProcessLife;
import io.sluice.cli.process.ServerProcess;
import io.sluice.cli.terminal.Screen;
import io.sluice.loadtest.AdminCalls;
import io.sluice.loadtest.Bed;
import io.sluice.loadtest.Practice;
import io.sluice.loadtest.Progress;
import io.sluice.loadtest.report.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/**
 * A server in a process of its own over an empty store, and what one measures it with. On a signal
 * the server ends in order and this process after it. Confined to one thread.
 */
final class BenchBed implements AutoCloseable {
  private static final Duration ADMIN_DEADLINE = Duration.ofMinutes(2);

  private final ProcessLife process;
  private final Screen screen;
  private final BenchProgress progress;
  private final TemporaryDirectory directory;
  private final ServerProcess server;
  private final BackboneSessions sessions;
  private final AdminCalls admin;
  private final Bed bed;
  private final Runnable stop;

  private BenchBed(
      ProcessLife process,
      Screen screen,
      TemporaryDirectory directory,
      ServerProcess server,
      BackboneSessions sessions,
      Bed bed) {
    this.process = process;
    this.screen = screen;
    this.progress = new BenchProgress(screen);
    this.directory = directory;
    this.server = server;
    this.sessions = sessions;
    this.admin = bed.admin();
    this.bed = bed;
    this.stop = server::close;
    process.onStop(stop);
  }

  /**
   * Starts a server.
   *
   * @param jvmOptions of its process
   */
  static BenchBed start(BenchOptions options, CommandSpec spec, List<String> jvmOptions)
      throws IOException, InterruptedException {
    return start(options, options.precision(), spec, jvmOptions, List.of());
  }

  /**
   * The same with a precision that is not the options'.
   *
   * @param moreOptions of its command
   */
  static BenchBed start(
      BenchOptions options,
      Precision precision,
      CommandSpec spec,
      List<String> jvmOptions,
      List<String> moreOptions)
      throws IOException, InterruptedException {
    precision.requireOn(options.device());
    List<String> serveOptions = new ArrayList<>(options.serveDevice());
    serveOptions.addAll(moreOptions);
    ProcessLife process = CommandProcess.of(spec);
    OnnxRuntime runtime = process.runtime();
    Environment environment = Environment.here(runtime);
    Backbone backbone = options.load(runtime);
    BenchValues.requireFit(spec, backbone);
    Screen screen = Output.of(spec);
    TemporaryDirectory directory = new TemporaryDirectory("sluice-bench");
    try {
      Path imported = directory.path().resolve(backbone.name());
      BackboneFormat.write(backbone, imported);
      Path store = Files.createDirectory(directory.path().resolve("store"));
      ServerProcess server =
          ServerProcess.start(
              jvmOptions,
              arguments(imported, store, precision, serveOptions),
              directory.path().resolve("server.log"));
      BackboneSessions sessions = BackboneSessions.open(backbone, runtime);
      String setting =
          "Server in a process of its own on the same cores, backbone "
              + backbone
              + " in "
              + precision
              + (jvmOptions.isEmpty() ? "" : ", JVM " + String.join(" ", jvmOptions))
              + (serveOptions.isEmpty() ? "" : ", " + String.join(" ", serveOptions))
              + ".";
      Bed bed =
          new Bed(
              sessions,
              runtime,
              server.data(),
              new AdminCalls(server.admin(), ADMIN_DEADLINE),
              server.pid(),
              environment,
              List.of(setting),
              options.seed());
      Practice.with(bed.data());
      return new BenchBed(process, screen, directory, server, sessions, bed);
    } catch (IOException | InterruptedException | RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  private static List<String> arguments(
      Path backbone, Path store, Precision precision, List<String> more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "--backbone",
                backbone.toString(),
                "--store",
                store.toString(),
                "--no-examples",
                "--backbone-precision",
                precision.name()));
    all.addAll(more);
    return all;
  }

  Bed bed() {
    return bed;
  }

  Progress progress() {
    return progress;
  }

  Screen screen() {
    return screen;
  }

  ServerProcess server() {
    return server;
  }

  @Override
  public void close() throws IOException {
    progress.close();
    process.forget(stop);
    admin.close();
    sessions.close();
    server.close();
    directory.close();
  }
}
