package io.sluice.cli.command.serve;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.cli.command.option.Input;
import io.sluice.server.access.AccessSettings;
import io.sluice.server.access.ClientLimits;
import io.sluice.server.access.TlsSettings;
import io.sluice.server.rpc.RequestLimits;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options by which a server is told who may ask what, and how much. */
final class AccessOptions {
  private static final int KIBIBYTE = 1 << 10;

  @Option(
      names = "--tokens",
      paramLabel = "FILE",
      description = "Tokens that are let in, by hash and role; sluice token create makes them.")
  private @Nullable Path tokens;

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description = "Speak TLS with this certificate (and those above it), PEM, on both ports.")
  private @Nullable Path certificate;

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "The certificate's private key, PKCS #8, PEM.")
  private @Nullable Path key;

  @Option(
      names = "--tls-client-ca",
      paramLabel = "FILE",
      description = "Ask every client for a certificate signed by one of these, PEM.")
  private @Nullable Path clientAuthorities;

  @Option(
      names = "--trusted-keys",
      paramLabel = "FILE",
      description = "Serve only bundles signed with one of these public keys, PEM.")
  private @Nullable Path trustedKeys;

  @Option(
      names = "--max-request-rate",
      paramLabel = "N",
      defaultValue = "20000",
      description =
          "Requests a second of one client: a token or an address. 0 for any. Default:"
              + " ${DEFAULT-VALUE}.")
  private int requestsPerSecond;

  @Option(
      names = "--max-concurrent-requests",
      paramLabel = "N",
      defaultValue = "4096",
      description = "Requests of one client at a time. Default: ${DEFAULT-VALUE}.")
  private int concurrentRequests;

  @Option(
      names = "--max-connections-per-address",
      paramLabel = "N",
      defaultValue = "1024",
      description = "Connections of one address to a port. Default: ${DEFAULT-VALUE}.")
  private int connectionsPerAddress;

  @Option(
      names = "--max-connections",
      paramLabel = "N",
      defaultValue = "16384",
      description = "Connections to a port. Default: ${DEFAULT-VALUE}.")
  private int connections;

  @Option(
      names = "--first-request-timeout",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description = "How long a client may take to send a request. Default: ${DEFAULT-VALUE}.")
  private long firstRequestSeconds;

  @Option(
      names = "--idle-timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "How long a connection may rest. Default: ${DEFAULT-VALUE}.")
  private long idleSeconds;

  @Option(
      names = "--max-message",
      paramLabel = "KIB",
      defaultValue = "4096",
      description = "Size of one message. Default: ${DEFAULT-VALUE}.")
  private int messageKibibytes;

  AccessSettings settings() {
    ClientLimits limits =
        ClientLimits.defaults()
            .withRate(requestsPerSecond)
            .withConcurrentRequests(concurrentRequests)
            .withConnections(connectionsPerAddress, connections)
            .withTimes(
                Input.seconds("first-request-timeout", firstRequestSeconds, 1),
                Input.seconds("idle-timeout", idleSeconds, 1));
    return new AccessSettings(tokens, tls(), trustedKeys, limits);
  }

  RequestLimits requests() {
    RequestLimits defaults = RequestLimits.defaults();
    if (messageKibibytes < 1 || messageKibibytes > KIBIBYTE * KIBIBYTE) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "max-message: " + messageKibibytes + " (expected: 1.." + KIBIBYTE * KIBIBYTE + ")");
    }
    return defaults.withMaxMessageBytes(
        (int) Math.min(Integer.MAX_VALUE, (long) messageKibibytes * KIBIBYTE));
  }

  /** Of a URL of this server. */
  String scheme() {
    return certificate == null ? "http" : "https";
  }

  private @Nullable TlsSettings tls() {
    if (certificate != null && key != null) {
      return new TlsSettings(certificate, key, clientAuthorities);
    }
    if (certificate != null || key != null || clientAuthorities != null) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "tls-cert, tls-key: not both (expected: both, for TLS and for --tls-client-ca)");
    }
    return null;
  }
}
