package io.sluice.cli.command.bundle;

import io.sluice.cli.command.option.Usage;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Looks into bundles. */
@Command(
    name = "bundle",
    description = "Look into bundles and check them.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      BundleInspect.class,
      BundleCostCommand.class,
      BundleEvaluate.class,
      BundleVerify.class,
      BundleDiff.class,
      BundleReport.class,
      BundleKeygen.class,
      BundleSign.class,
    })
public final class BundleCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    return Usage.missingCommand(spec);
  }
}
