package io.sluice.cli.command;

import io.sluice.cli.command.option.CommandProcess;
import io.sluice.cli.command.option.Output;
import io.sluice.cli.command.option.TemporaryDirectory;
import io.sluice.cli.demo.Demo;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Runs the demonstration in a temporary directory. */
@Command(
    name = "demo",
    description = {
      "The main job end to end, in this process, in about three minutes:",
      "serve, train, register, ask, train again, swap under load, roll back."
    })
final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    try (TemporaryDirectory directory = new TemporaryDirectory("sluice-demo")) {
      Demo demo = new Demo(Output.of(spec), CommandProcess.of(spec));
      return demo.run(directory.path()) ? 0 : 1;
    }
  }
}
