package io.sluice.cli.command.bundle;

import io.sluice.cli.command.option.Output;
import io.sluice.cli.command.option.Overwriting;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.bundle.BundleReader;
import io.sluice.registry.bundle.BundleSigner;
import io.sluice.registry.bundle.BundleWriter;
import io.sluice.registry.bundle.SigningKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Signs a bundle; its digest stays. */
@Command(
    name = "sign",
    description = "Sign a bundle, in place of a signature it may have. Its digest stays.")
final class BundleSign implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--key",
      required = true,
      paramLabel = "FILE",
      description = "The private key, as sluice bundle keygen wrote it.")
  private Path key = Path.of("");

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where to. Default: the bundle's own file.")
  private @Nullable Path out;

  @Parameters(paramLabel = "FILE", description = "The bundle.")
  private Path file = Path.of("");

  @Override
  public Integer call() throws IOException {
    Path target = out == null ? file : out;
    Overwriting.refuse("out", target, key.toString());
    Output.requireWritable("out", target);
    AdapterBundle bundle = BundleReader.read(file, BundleLimits.defaults());
    AdapterBundle signed = new BundleSigner(SigningKeys.read(key)).sign(bundle);
    BundleWriter.save(signed, target);
    Output.of(spec).line("%s: %s, signed", target, signed.digest());
    return 0;
  }
}
