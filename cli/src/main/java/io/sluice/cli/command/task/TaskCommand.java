package io.sluice.cli.command.task;

import io.sluice.cli.command.option.Usage;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Administers the tasks of a running server. */
@Command(
    name = "task",
    description = {
      "Register, activate, roll back, describe and retire the tasks of a running server."
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      TaskRegister.class,
      TaskActivate.class,
      TaskRollback.class,
      TaskRetire.class,
      TaskList.class,
      TaskDescribe.class,
    })
public final class TaskCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    return Usage.missingCommand(spec);
  }
}
