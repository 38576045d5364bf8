package io.sluice.server.access;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The files of a server that speaks TLS, PEM.
 *
 * @param certificate its certificate, then those between it and the authority
 * @param key the certificate's private key, PKCS #8
 * @param clientAuthorities who signs the certificates clients must show; null asks for none
 */
public record TlsSettings(Path certificate, Path key, @Nullable Path clientAuthorities) {
  public TlsSettings {
    requireNonNull(certificate, "certificate");
    requireNonNull(key, "key");
  }
}
