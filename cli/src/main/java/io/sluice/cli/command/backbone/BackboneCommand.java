package io.sluice.cli.command.backbone;

import io.sluice.cli.command.option.Usage;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Imports encoders and shows where they are cut. */
@Command(
    name = "backbone",
    description = "Import encoders, show where they are cut, check the cut, measure their parts.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      BackboneImport.class,
      BackboneInspect.class,
      BackboneVerify.class,
      BackboneProfile.class
    })
public final class BackboneCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    return Usage.missingCommand(spec);
  }
}
