package io.sluice.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.Digest;
import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.loadtest.bundle.RandomBundle;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.bundle.BundleReader;
import io.sluice.registry.bundle.BundleWriter;
import io.sluice.registry.bundle.SignatureStatus;
import io.sluice.registry.bundle.TrustedKeys;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens, keys and signatures by commands. */
class SafetyCommandsTest {
  @Test
  void tokenCreate_printsASecretAndItsLine() {
    SluiceRun run = SluiceRun.of("token", "create", "--role", "operate", "--name", "ops");
    assertThat(run.code()).isZero();
    List<String> lines = run.out().lines().toList();
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0)).matches("sluice_[A-Za-z0-9_-]{43}");
    String digest = Digest.of(lines.get(0).getBytes(StandardCharsets.UTF_8)).toString();
    assertThat(lines.get(1)).isEqualTo(digest + " operate ops");
    SluiceRun again = SluiceRun.of("token", "create", "--role", "infer");
    assertThat(again.out()).isNotEqualTo(run.out());
    assertThat(SluiceRun.of("token", "create", "--role", "king").code()).isEqualTo(2);
    assertThat(SluiceRun.of("token", "create", "--role", "infer", "--name", "a b").code())
        .isEqualTo(2);
  }

  @Test
  void keygenAndSign_makeABundleTheServerCanTrust(@TempDir Path folder) throws IOException {
    Path key = folder.resolve("release.key");
    assertThat(SluiceRun.of("bundle", "keygen", "--out", key).code()).isZero();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
        .isEqualTo("rw-------");
    assertThat(SluiceRun.of("bundle", "keygen", "--out", key).code())
        .as("a key is not written over")
        .isEqualTo(2);
    OnnxRuntime runtime = OnnxRuntime.shared();
    AdapterBundle bundle;
    try (BackboneSessions sessions = BackboneSessions.open(SluiceMini.load(), runtime)) {
      bundle = RandomBundle.of(sessions, runtime, List.of(3, 5), 4, 1);
    }
    Path file = folder.resolve("film.bundle");
    BundleWriter.save(bundle, file);
    SluiceRun run = SluiceRun.of("bundle", "sign", "--key", key, file);
    assertThat(run.err()).isEmpty();
    AdapterBundle signed = BundleReader.read(file, BundleLimits.defaults());
    assertThat(signed.digest()).isEqualTo(bundle.digest());
    assertThat(TrustedKeys.read(folder.resolve("release.key.pub")).status(signed))
        .isInstanceOf(SignatureStatus.Trusted.class);
    SluiceRun wrong =
        SluiceRun.of("bundle", "sign", "--key", folder.resolve("release.key.pub"), file);
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err()).contains("0 private and 1 public keys (expected: one each");
  }

  @Test
  void keygen_publicFileIsThere_leavesNoHalfOfAPair(@TempDir Path folder) throws IOException {
    Path open = Files.writeString(folder.resolve("release.key.pub"), "another's");
    SluiceRun run = SluiceRun.of("bundle", "keygen", "--out", folder.resolve("release.key"));

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("release.key.pub: is there");
    assertThat(folder.resolve("release.key")).doesNotExist();
    assertThat(open).hasContent("another's");
  }

  @Test
  void serve_wrongAccess_exits2WithTheWayOut(@TempDir Path folder) throws IOException {
    Path store = folder.resolve("store");
    SluiceRun open =
        SluiceRun.of(
            "serve",
            "--warm-up",
            0,
            "--store",
            store,
            "--port",
            0,
            "--admin-port",
            0,
            "--admin-host",
            "::");
    assertThat(open.code()).isEqualTo(2);
    assertThat(open.err())
        .contains("admin-host: :: (expected: tokens or tls-client-ca beside it, or an address of");
    Path tokens = Files.writeString(folder.resolve("tokens"), "secret\n");
    SluiceRun bad =
        SluiceRun.of(
            "serve",
            "--warm-up",
            0,
            "--store",
            store,
            "--port",
            0,
            "--admin-port",
            0,
            "--tokens",
            tokens);
    assertThat(bad.code()).isEqualTo(2);
    assertThat(bad.err()).contains("tokens:1: not a token's line").doesNotContain("secret\"");
    SluiceRun half = SluiceRun.of("serve", "--store", store, "--tls-cert", tokens);
    assertThat(half.code()).isEqualTo(2);
    assertThat(half.err()).contains("tls-cert: " + tokens + " (expected: tls-key beside it)");
  }

  /** The other end says HTTP in answer to the first record of TLS. */
  @Test
  void client_tlsToAPlainPort_saysSo() throws Exception {
    try (ServerSocket plain = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread peer =
          new Thread(
              () -> {
                try (var socket = plain.accept()) {
                  socket.getInputStream().readNBytes(5);
                  socket
                      .getOutputStream()
                      .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      peer.start();
      SluiceRun run =
          SluiceRun.of("task", "list", "--tls", "--server", "127.0.0.1:" + plain.getLocalPort());
      peer.join();
      assertThat(run.code()).isEqualTo(1);
      assertThat(run.err()).contains("speaks plain text, not TLS (expected: the command without");
    }
  }
}
