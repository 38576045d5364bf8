package io.sluice.server.access;

import static java.util.Objects.requireNonNull;

import com.linecorp.armeria.common.TlsKeyPair;
import com.linecorp.armeria.common.TlsProvider;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is in the files of the TLS now, for each new connection. Thread-safe. */
final class LiveTls implements TlsProvider {
  private final Watched<TlsFiles> files;

  LiveTls(Watched<TlsFiles> files) {
    this.files = requireNonNull(files, "files");
  }

  @Override
  public TlsKeyPair keyPair(String hostname) {
    return files.get().keyPair();
  }

  /** Null where no client is asked for a certificate. */
  @Override
  public @Nullable List<X509Certificate> trustedCertificates(String hostname) {
    List<X509Certificate> authorities = files.get().authorities();
    return authorities.isEmpty() ? null : authorities;
  }
}
