package io.sluice.cli.command.task;

import io.sluice.cli.command.option.Output;
import io.sluice.cli.command.option.ServerOption;
import io.sluice.cli.terminal.Screen;
import io.sluice.proto.v1.RegisterBundleReply;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.bundle.BundleReader;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sends a bundle to a server as a revision of a task. */
@Command(name = "register", description = "Send a bundle to a server as a revision of a task.")
final class TaskRegister implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServerOption server = new ServerOption();

  @Option(names = "--task", required = true, description = "The task's name.")
  private String task = "";

  @Option(
      names = "--no-activate",
      description = "Only store it; what answers now goes on answering.",
      negatable = false)
  private boolean storeOnly;

  @Parameters(paramLabel = "FILE", description = "The bundle.")
  private Path file = Path.of("");

  @Override
  public Integer call() {
    AdapterBundle bundle = BundleReader.read(file, BundleLimits.defaults());
    RegisterBundleReply reply = server.admin().register(task, bundle.bytes(), !storeOnly);
    Screen screen = Output.of(spec);
    screen.line(
        "%s: revision %d is %s%s",
        task,
        reply.getRevision().getNumber(),
        reply.getRevision().getDigest(),
        reply.getAlreadyRegistered() ? " (was registered already)" : "");
    if (reply.hasActivation()) {
      screen.line("%s", ActivationLine.of(task, reply.getActivation()));
    }
    return 0;
  }
}
