package io.sluice.cli.command;

import static java.util.Objects.requireNonNull;

import io.sluice.cli.command.ask.AnswerCommand;
import io.sluice.cli.command.ask.ClassifyCommand;
import io.sluice.cli.command.backbone.BackboneCommand;
import io.sluice.cli.command.bench.BenchCommand;
import io.sluice.cli.command.bundle.BundleCommand;
import io.sluice.cli.command.experiment.ExperimentCommand;
import io.sluice.cli.command.option.CommandProcess;
import io.sluice.cli.command.option.Input;
import io.sluice.cli.command.option.Usage;
import io.sluice.cli.command.serve.ServeCommand;
import io.sluice.cli.command.task.TaskCommand;
import io.sluice.cli.command.token.TokenCommand;
import io.sluice.cli.command.train.TrainCommand;
import io.sluice.cli.process.ProcessLife;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The root command: names the subcommands and the options that all of them have. */
@Command(
    name = "sluice",
    description = "Serves many learned tasks from one frozen transformer encoder.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      BackboneCommand.class,
      BundleCommand.class,
      TrainCommand.class,
      ExperimentCommand.class,
      ServeCommand.class,
      TaskCommand.class,
      TokenCommand.class,
      ClassifyCommand.class,
      AnswerCommand.class,
      BenchCommand.class,
      DoctorCommand.class,
      CompletionCommand.class,
    },
    footer = {
      "",
      "Exit codes: 0 done, 1 failed, 2 wrong usage or input.",
      "Start with: sluice demo",
    })
public final class SluiceCommand implements Callable<Integer>, CommandProcess {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--stacktrace",
      description = "On failure, print where it happened.",
      scope = ScopeType.INHERIT)
  private boolean stackTrace;

  private final ProcessLife process;

  private SluiceCommand(ProcessLife process) {
    this.process = requireNonNull(process, "process");
  }

  /**
   * The whole command line, ready to execute.
   *
   * @param process what the commands start and stop things in
   */
  public static CommandLine commandLine(ProcessLife process) {
    SluiceCommand root = new SluiceCommand(process);
    CommandLine line = new CommandLine(root);
    for (CommandLine command : withSubcommands(line)) {
      command
          .getCommandSpec()
          .mixinStandardHelpOptions(true)
          .versionProvider(new Version())
          .usageMessage()
          .width(100)
          .autoWidth(true);
    }
    Failures failures = new Failures(() -> root.stackTrace, process);
    return line.registerConverter(Path.class, Input::path)
        .setExecutionExceptionHandler(failures)
        .setParameterExceptionHandler(failures)
        .setCaseInsensitiveEnumValuesAllowed(true)
        // A text may begin with an @, and no file is opened because of it.
        .setExpandAtFiles(false)
        .setUsageHelpAutoWidth(true);
  }

  @Override
  public ProcessLife process() {
    return process;
  }

  @Override
  public Integer call() {
    return Usage.missingCommand(spec);
  }

  private static Iterable<CommandLine> withSubcommands(CommandLine line) {
    List<CommandLine> all = new ArrayList<>();
    all.add(line);
    line.getSubcommands().values().forEach(sub -> withSubcommands(sub).forEach(all::add));
    return all;
  }
}
