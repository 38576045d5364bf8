package io.sluice.server.access;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.SluiceException;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.TrustedKeys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The tokens, keys and clients of a running server. Its files are looked at once a second and take
 * effect without a restart. Thread-safe; {@link #close} ends the looking.
 */
public final class Access implements AutoCloseable {
  private static final long LOOK_MILLIS = 1000;

  private final AccessSettings settings;
  private final @Nullable Watched<TokenFile> tokens;
  private final @Nullable Watched<TlsFiles> tls;
  private final @Nullable Watched<TrustedKeys> trustedKeys;
  private final Clients clients;
  private final ScheduledExecutorService looking;

  private Access(
      AccessSettings settings,
      @Nullable Watched<TokenFile> tokens,
      @Nullable Watched<TlsFiles> tls,
      @Nullable Watched<TrustedKeys> trustedKeys) {
    this.settings = settings;
    this.tokens = tokens;
    this.tls = tls;
    this.trustedKeys = trustedKeys;
    this.clients = new Clients(settings.limits(), System::nanoTime);
    this.looking =
        Executors.newSingleThreadScheduledExecutor(
            work -> {
              Thread thread = new Thread(work, "sluice-access-files");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Reads the files.
   *
   * @throws SluiceException when one cannot be read or is not what it should be; its message names
   *     the file
   */
  public static Access open(AccessSettings settings) {
    requireNonNull(settings, "settings");
    Path file = settings.tokens();
    TlsSettings secure = settings.tls();
    Watched<TokenFile> tokens =
        file == null ? null : new Watched<>(List.of(file), () -> TokenFile.read(file));
    Watched<TlsFiles> tls =
        secure == null ? null : new Watched<>(files(secure), () -> TlsFiles.read(secure));
    Path keys = settings.trustedKeys();
    Watched<TrustedKeys> trusted =
        keys == null ? null : new Watched<>(List.of(keys), () -> TrustedKeys.read(keys));
    Access access = new Access(settings, tokens, tls, trusted);
    access.look();
    return access;
  }

  /**
   * What guards one port.
   *
   * @param role what its methods and paths take
   * @param paths what some paths take instead
   * @param requestTimeout time of a request that is no stream
   */
  public PortAccess port(Role role, Map<String, Role> paths, Duration requestTimeout) {
    return new PortAccess(role, paths, tokens, tls, clients, settings.limits(), requestTimeout);
  }

  /**
   * Refuses a bundle of which nobody trusted has signed the digest, with FAILED_PRECONDITION; null
   * where no keys are given, and any bundle will do.
   */
  public @Nullable Consumer<AdapterBundle> trust() {
    Watched<TrustedKeys> keys = trustedKeys;
    return keys == null ? null : bundle -> keys.get().require(bundle);
  }

  @Override
  public void close() {
    looking.shutdownNow();
  }

  private void look() {
    for (Watched<?> watched : watched()) {
      var unused =
          looking.scheduleWithFixedDelay(
              watched::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private List<Watched<?>> watched() {
    List<Watched<?>> all = new ArrayList<>();
    if (tokens != null) {
      all.add(tokens);
    }
    if (tls != null) {
      all.add(tls);
    }
    if (trustedKeys != null) {
      all.add(trustedKeys);
    }
    return all;
  }

  private static List<Path> files(TlsSettings tls) {
    Path authorities = tls.clientAuthorities();
    return authorities == null
        ? List.of(tls.certificate(), tls.key())
        : List.of(tls.certificate(), tls.key(), authorities);
  }
}
