package io.sluice.cli.command.token;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.cli.command.option.Output;
import io.sluice.cli.terminal.Screen;
import io.sluice.server.access.AccessToken;
import io.sluice.server.access.Role;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes a token: the secret for a client, and the line for the server, which holds no secret. */
@Command(
    name = "create",
    description = {
      "Make a token: on the first line the secret, for a client; on the second, for the server's",
      "file of tokens, its hash and role. The secret is kept nowhere."
    })
final class TokenCreate implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--role",
      required = true,
      description = "What it is for: ${COMPLETION-CANDIDATES}. Who may operate may do all of it.")
  private Role role = Role.INFER;

  @Option(
      names = "--name",
      defaultValue = "client",
      description =
          "Whose it is, for limits and messages; tokens of one name share the limits. Default:"
              + " ${DEFAULT-VALUE}.")
  private String name = "";

  @Override
  public Integer call() {
    if (!name.matches("[A-Za-z0-9._-]{1,63}")) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "name: not one (expected: 1..63 of letters, digits, '.', '_', '-')");
    }
    AccessToken token = AccessToken.create(new SecureRandom());
    Screen screen = Output.of(spec);
    screen.line("%s", token.secret());
    screen.line("%s", token.line(role, name));
    return 0;
  }
}
