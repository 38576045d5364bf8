package io.sluice.cli.command.task;

import io.sluice.cli.command.option.Output;
import io.sluice.cli.command.option.ServerOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes the bundle answer again that did so before the present one. */
@Command(
    name = "rollback",
    description = "Make the bundle answer again that did so before the present one.")
final class TaskRollback implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServerOption server = new ServerOption();

  @Option(names = "--task", required = true, description = "The task's name.")
  private String task = "";

  @Override
  public Integer call() {
    Output.of(spec)
        .line("%s", ActivationLine.of(task, server.admin().rollback(task).getActivation()));
    return 0;
  }
}
