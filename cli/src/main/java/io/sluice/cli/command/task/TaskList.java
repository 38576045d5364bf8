package io.sluice.cli.command.task;

import io.sluice.cli.command.option.Output;
import io.sluice.cli.command.option.ServerOption;
import io.sluice.cli.terminal.Quantities;
import io.sluice.cli.terminal.Screen;
import io.sluice.cli.terminal.Table;
import io.sluice.proto.v1.ListReply;
import io.sluice.proto.v1.Task;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists the tasks of a server. */
@Command(name = "list", description = "List the tasks of a server.")
final class TaskList implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServerOption server = new ServerOption();

  @Override
  public Integer call() {
    ListReply reply = server.admin().list();
    Screen screen = Output.of(spec);
    screen.line(
        "backbone %s %s, %d points; generation %d",
        reply.getBackboneName(),
        reply.getBackboneDigest(),
        reply.getPoints(),
        reply.getGeneration());
    Table table =
        new Table("task", "kind", "labels>", "points", "parameters>", "revisions>", "active");
    for (Task task : reply.getTasksList()) {
      boolean active = task.hasActive();
      table.row(
          task.getName(),
          active
              ? task.getActive().getKind().name().replace("TASK_KIND_", "").toLowerCase(Locale.ROOT)
              : "",
          active ? task.getActive().getLabelsCount() : "",
          active ? task.getActive().getPointsList() : "",
          active ? Quantities.count(task.getActive().getParameters()) : "",
          task.getRevisionsCount(),
          active ? task.getActiveDigest() : "none");
    }
    screen.table(table);
    return 0;
  }
}
