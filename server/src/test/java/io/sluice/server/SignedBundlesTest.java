package io.sluice.server;

import static io.sluice.server.testing.Asked.requireStatus;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.BundleHeader;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleSigner;
import io.sluice.registry.bundle.SigningKeys;
import io.sluice.server.access.AccessSettings;
import io.sluice.server.access.ClientLimits;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.SignatureSwap;
import io.sluice.server.testing.TestingBackbone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyPair;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that takes bundles of known origin only. */
@Timeout(60)
class SignedBundlesTest {
  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = TestingBackbone.create();
  private static final ServedBundles bundles = new ServedBundles(backbone, runtime);

  private static RunningServer start(Path folder, @Nullable Path keys) {
    return new RunningServer(
        folder.resolve("store"),
        backbone,
        ServerSettings.defaults()
            .withAccess(new AccessSettings(null, null, keys, ClientLimits.defaults())),
        runtime);
  }

  @Test
  void register_onlyWhatATrustedKeyHasSigned_servesAndGoesOn(@TempDir Path folder)
      throws IOException {
    KeyPair keys = BundleSigner.newKeys();
    Path open = folder.resolve("release.pub");
    SigningKeys.write(keys, folder.resolve("release.key"), open);
    BundleSigner ours = new BundleSigner(SigningKeys.read(folder.resolve("release.key")));
    BundleSigner foreign = new BundleSigner(BundleSigner.newKeys());
    AdapterBundle unsigned = bundles.bundle(1, 1, 3);
    AdapterBundle other = bundles.bundle(2, 2);
    try (RunningServer running = start(folder, null)) {
      // Stored before anybody asked for signatures: by a foreign key, and answering.
      running.activate("film", foreign.sign(unsigned));
    }
    try (RunningServer running = start(folder, open)) {
      assertThatThrownBy(() -> answering(running))
          .as("not served after a restart that asks for signatures")
          .hasMessageContaining("NOT_FOUND");
      refused(running, other, "unsigned (expected: a signature by one of [release])");
      refused(running, foreign.sign(other), "signed by the unknown key sha256:");
      running.activate("film", ours.sign(unsigned));
      assertThat(answering(running)).isEqualTo(unsigned.digest().toString());
      // What is refused leaves what answers.
      refused(running, other, "unsigned");
      refused(running, foreign.sign(other), "signed by the unknown key");
      byte[] forged = other(ours.sign(unsigned), ours.sign(other));
      requireStatus(
          () -> running.upload(BundleHeader.newBuilder().setTask("film").build(), forged),
          Status.Code.FAILED_PRECONDITION,
          "a signature of something else: forged");
      assertThat(answering(running)).isEqualTo(unsigned.digest().toString());
    }
    try (RunningServer running = start(folder, open)) {
      assertThat(answering(running)).as("after a restart").isEqualTo(unsigned.digest().toString());
      // The key is given up while the server runs: what serves stays, nothing more comes in.
      Path next = folder.resolve("next");
      SigningKeys.write(BundleSigner.newKeys(), folder.resolve("next.key"), next);
      Files.move(next, open, StandardCopyOption.REPLACE_EXISTING);
      await().until(() -> isRefused(running, ours.sign(other)));
      assertThat(answering(running)).isEqualTo(unsigned.digest().toString());
    }
    try (RunningServer running = start(folder, open)) {
      assertThatThrownBy(() -> answering(running)).hasMessageContaining("NOT_FOUND");
    }
  }

  private static boolean isRefused(RunningServer running, AdapterBundle bundle) {
    try {
      running.upload(BundleHeader.newBuilder().setTask("film").build(), bundle.bytes());
      return false;
    } catch (StatusRuntimeException e) {
      return true;
    }
  }

  private static String answering(RunningServer running) {
    return running
        .inference()
        .classify(ClassifyRequest.newBuilder().setTask("film").setText("a good film").build())
        .getInfo()
        .getBundleDigest();
  }

  private static void refused(RunningServer running, AdapterBundle bundle, String message) {
    requireStatus(() -> running.activate("film", bundle), Status.Code.FAILED_PRECONDITION, message);
  }

  /** The bytes of {@code bundle} with the signature of {@code signed} in them. */
  private static byte[] other(AdapterBundle bundle, AdapterBundle signed) {
    return SignatureSwap.of(bundle.bytes(), signed.bytes());
  }
}
