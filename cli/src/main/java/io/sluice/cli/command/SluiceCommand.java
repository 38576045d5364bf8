package io.sluice.cli.command;

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
      BundleCommand.class,
      TaskCommand.class,
      ClassifyCommand.class,
      AnswerCommand.class,
      CompletionCommand.class,
    },
    footer = {
      "",
      "Exit codes: 0 done, 1 failed, 2 wrong usage or input.",
      "Start with: sluice demo",
    })
public final class SluiceCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--stacktrace",
      description = "On failure, print where it happened.",
      scope = ScopeType.INHERIT)
  private boolean stackTrace;

  /** The whole command line, ready to execute. */
  public static CommandLine commandLine() {
    SluiceCommand root = new SluiceCommand();
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
    Failures failures = new Failures(() -> root.stackTrace);
    return line.setExecutionExceptionHandler(failures)
        .setParameterExceptionHandler(failures)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true);
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
