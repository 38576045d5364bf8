package io.sluice.cli.command.option;

import io.sluice.cli.client.Endpoint;
import io.sluice.cli.client.InferenceClient;
import io.sluice.loadtest.client.AdminClient;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options by which a command finds a running server. */
public final class ServerOption {
  /** Where {@code sluice serve} takes requests unless told otherwise. */
  public static final int INFERENCE_PORT = 8433;

  /** Where {@code sluice serve} is administered unless told otherwise. */
  public static final int ADMIN_PORT = 8434;

  @Option(
      names = "--server",
      paramLabel = "HOST:PORT",
      description = {
        "The server: its inference port to ask, its admin port to administer.",
        "Default: this machine, ports " + INFERENCE_PORT + " and " + ADMIN_PORT + "."
      })
  private @Nullable String server;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "How long to wait for a reply. Default: ${DEFAULT-VALUE}.")
  private long timeoutSeconds = 60;

  @Mixin private CredentialOptions credentials = new CredentialOptions();

  public InferenceClient inference() {
    return new InferenceClient(credentials.connection(endpoint(INFERENCE_PORT), timeout()));
  }

  public AdminClient admin() {
    return credentials.connection(endpoint(ADMIN_PORT), timeout()).admin();
  }

  private Duration timeout() {
    return Input.seconds("timeout", timeoutSeconds, 1);
  }

  private Endpoint endpoint(int defaultPort) {
    return server == null ? Endpoint.local(defaultPort) : Endpoint.parse(server);
  }
}
