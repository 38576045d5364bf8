package io.sluice.cli.command.bundle;

import io.sluice.cli.command.option.Output;
import io.sluice.cli.terminal.Screen;
import io.sluice.registry.bundle.BundleSigner;
import io.sluice.registry.bundle.SigningKeys;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes a pair of keys to sign bundles with. */
@Command(name = "keygen", description = "Make a pair of Ed25519 keys to sign bundles with.")
final class BundleKeygen implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The private key's new file; the public one's is FILE.pub.")
  private Path file = Path.of("");

  @Override
  public Integer call() {
    KeyPair keys = BundleSigner.newKeys();
    Output.requireWritable("out", file);
    Path open = file.resolveSibling(file.getFileName() + ".pub");
    SigningKeys.write(keys, file, open);
    Screen screen = Output.of(spec);
    screen.line("private %s: for sluice bundle sign --key", file);
    screen.line("public  %s: for sluice serve --trusted-keys", open);
    return 0;
  }
}
