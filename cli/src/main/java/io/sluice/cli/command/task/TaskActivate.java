package io.sluice.cli.command.task;

import io.sluice.backbone.Digest;
import io.sluice.cli.command.option.Output;
import io.sluice.cli.command.option.ServerOption;
import io.sluice.loadtest.client.AdminClient;
import io.sluice.proto.v1.ActivateReply;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes a registered revision answer for its task. */
@Command(name = "activate", description = "Make a registered revision answer for its task.")
final class TaskActivate implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServerOption server = new ServerOption();

  @Option(names = "--task", required = true, description = "The task's name.")
  private String task = "";

  @ArgGroup(multiplicity = "1")
  private Target target = new Target();

  @Option(
      names = "--expect",
      paramLabel = "DIGEST",
      description = "Do nothing unless this bundle is the active one.")
  private @Nullable String expected;

  /** Which revision. */
  static final class Target {
    @Option(names = "--digest", description = "The bundle's digest.")
    private @Nullable String digest;

    @Option(names = "--revision", description = "The revision's number.")
    private long revision;
  }

  @Override
  public Integer call() {
    AdminClient admin = server.admin();
    String digest = target.digest;
    Digest active = expected == null ? null : Digest.parse(expected);
    ActivateReply reply =
        digest == null
            ? admin.activate(task, target.revision, active)
            : admin.activate(task, Digest.parse(digest), active);
    Output.of(spec).line("%s", ActivationLine.of(task, reply.getActivation()));
    return 0;
  }
}
