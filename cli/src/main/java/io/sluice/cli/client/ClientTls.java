package io.sluice.cli.client;

import static java.util.Objects.requireNonNull;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.ClientFactoryBuilder;
import com.linecorp.armeria.common.TlsKeyPair;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** TLS as a client speaks it. Thread-safe; its connections end with the process. */
public final class ClientTls {
  private final ClientFactory factory;

  private ClientTls(ClientFactory factory) {
    this.factory = requireNonNull(factory, "factory");
  }

  /**
   * Reads the files, PEM each.
   *
   * @param authorities who may have signed the server's certificate; null for those Java trusts
   * @param certificate the client's own, with {@code key}; both null to show none
   * @throws SluiceException INVALID_ARGUMENT, naming the file at fault
   */
  public static ClientTls of(
      @Nullable Path authorities, @Nullable Path certificate, @Nullable Path key) {
    ClientFactoryBuilder builder = ClientFactory.builder();
    try {
      if (authorities != null) {
        requireFile(authorities);
        builder.tlsCustomizer(tls -> tls.trustManager(authorities.toFile()));
      }
      if (certificate != null && key != null) {
        requireFile(certificate);
        requireFile(key);
        builder.tls(TlsKeyPair.of(key.toFile(), certificate.toFile()));
      }
      return new ClientTls(builder.build());
    } catch (RuntimeException e) {
      if (e instanceof SluiceException) {
        throw e;
      }
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "tls: "
              + cause.getMessage()
              + " (expected: PEM files: certificates in --ca and --cert, a PKCS #8 key in --key)",
          e);
    }
  }

  ClientFactory factory() {
    return factory;
  }

  private static void requireFile(Path file) {
    if (!Files.isReadable(file)) {
      throw new SluiceException(
          ErrorCode.NOT_FOUND, file + ": no such file (expected: a PEM file)");
    }
  }
}
