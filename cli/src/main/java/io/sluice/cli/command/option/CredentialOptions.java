package io.sluice.cli.command.option;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.cli.client.ClientTls;
import io.sluice.cli.client.Connection;
import io.sluice.cli.client.Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options by which a command proves to a server who is asking. */
final class CredentialOptions {
  private static final String TOKEN_VARIABLE = "SLUICE_TOKEN";

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description = {
        "Token to show; others of this machine can see it in the list of processes.",
        "Default: of --token-file, else of the variable " + TOKEN_VARIABLE + "."
      })
  private @Nullable String token;

  @Option(names = "--token-file", paramLabel = "FILE", description = "File with the token.")
  private @Nullable Path tokenFile;

  @Option(names = "--tls", description = "Speak TLS; --ca and --cert mean it too.")
  private boolean tls;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description = "Who signed the server's certificate, PEM. Default: who Java trusts.")
  private @Nullable Path authorities;

  @Option(
      names = "--cert",
      paramLabel = "FILE",
      description = "Certificate to show, PEM, with --key.")
  private @Nullable Path certificate;

  @Option(names = "--key", paramLabel = "FILE", description = "Its private key, PKCS #8, PEM.")
  private @Nullable Path key;

  Connection connection(Endpoint endpoint, Duration timeout) {
    if ((certificate == null) != (key == null)) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "cert, key: one of them (expected: both or none)");
    }
    boolean secure = tls || authorities != null || certificate != null;
    return new Connection(
        endpoint,
        timeout,
        shownToken(),
        secure ? ClientTls.of(authorities, certificate, key) : null);
  }

  private @Nullable String shownToken() {
    if (token != null) {
      return required("token", token);
    }
    if (tokenFile != null) {
      try {
        return required(tokenFile.toString(), Files.readString(tokenFile));
      } catch (IOException e) {
        throw new SluiceException(
            ErrorCode.NOT_FOUND, tokenFile + ": not read: " + e + " (expected: a token)", e);
      }
    }
    String given = System.getenv(TOKEN_VARIABLE);
    return given == null || given.isBlank() ? null : required(TOKEN_VARIABLE, given);
  }

  /** Its value is not repeated. */
  private static String required(String name, String value) {
    String stripped = value.strip();
    if (!stripped.matches("[!-~]+")) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          name + ": not a token (expected: what sluice token create printed)");
    }
    return stripped;
  }
}
