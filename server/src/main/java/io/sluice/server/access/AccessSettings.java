package io.sluice.server.access;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Who may ask a server what.
 *
 * @param tokens file of tokens; null lets everybody in who reaches the port
 * @param tls null for plain text
 * @param trustedKeys public keys of which one must have signed a bundle; null takes any bundle
 * @param limits of one client
 */
public record AccessSettings(
    @Nullable Path tokens,
    @Nullable TlsSettings tls,
    @Nullable Path trustedKeys,
    ClientLimits limits) {
  public AccessSettings {
    requireNonNull(limits, "limits");
  }

  /** No tokens, plain text, any bundle, and the limits there are unless stated. */
  public static AccessSettings open() {
    return new AccessSettings(null, null, null, ClientLimits.defaults());
  }

  /** Whether every client has to prove who it is. */
  public boolean authenticates() {
    return tokens != null || (tls != null && tls.clientAuthorities() != null);
  }
}
