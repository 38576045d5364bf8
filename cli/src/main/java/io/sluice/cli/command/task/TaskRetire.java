package io.sluice.cli.command.task;

import io.sluice.backbone.Digest;
import io.sluice.cli.command.option.Output;
import io.sluice.cli.command.option.ServerOption;
import io.sluice.cli.terminal.Quantities;
import io.sluice.proto.v1.RetireReply;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Takes a task out of service for good. */
@Command(
    name = "retire",
    description = {
      "Take a task out of service and forget it: requests under way are answered, then its bundles",
      "are deleted unless another task has them."
    })
final class TaskRetire implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServerOption server = new ServerOption();

  @ArgGroup(multiplicity = "1")
  private Name name = new Name();

  @Option(
      names = "--expect",
      paramLabel = "DIGEST",
      description = "Do nothing unless this bundle is the active one.")
  private @Nullable String expected;

  /** Which task. */
  static final class Name {
    @Parameters(paramLabel = "TASK", arity = "0..1", description = "The task's name.")
    private @Nullable String positional;

    @Option(names = "--task", paramLabel = "TASK", description = "The same.")
    private @Nullable String option;

    String task() {
      String given = positional == null ? option : positional;
      return given == null ? "" : given;
    }
  }

  @Override
  public Integer call() {
    String task = name.task();
    RetireReply reply =
        server.admin().retire(task, expected == null ? null : Digest.parse(expected));
    Output.of(spec)
        .line(
            "%s: retired with %d revisions; %d bundles deleted, %s",
            task,
            reply.getTask().getRevisionsCount(),
            reply.getDeletedBundles(),
            Quantities.bytes(reply.getDeletedBytes()));
    return 0;
  }
}
