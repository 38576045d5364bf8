package io.sluice.registry.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.Digest;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.testing.TestingBundles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Base64;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who signed a bundle, and what a wrong signature leads to. */
class BundleSigningTest {
  private static final KeyPair KEYS = BundleSigner.newKeys();
  private static final AdapterBundle UNSIGNED = TestingBundles.small().adaptAt(2, 2).build();
  private static final AdapterBundle SIGNED = new BundleSigner(KEYS).sign(UNSIGNED);
  private static final Digest KEY_ID = Digest.of(KEYS.getPublic().getEncoded());

  @Test
  void sign_keepsTheDigestAndSurvivesReading() {
    assertThat(SIGNED.digest()).isEqualTo(UNSIGNED.digest());
    AdapterBundle read = BundleReader.read(SIGNED.bytes(), BundleLimits.defaults());
    assertThat(read.signature()).isNotNull();
    assertThat(TrustedKeys.none().status(read)).isEqualTo(new SignatureStatus.Untrusted(KEY_ID));
  }

  @Test
  void status_saysWhatIsKnown() {
    TrustedKeys keys = TrustedKeys.of(Map.of("release", KEYS.getPublic()));
    assertThat(keys.status(SIGNED)).isEqualTo(new SignatureStatus.Trusted(KEY_ID, "release"));
    assertThat(keys.status(UNSIGNED)).isEqualTo(new SignatureStatus.Unsigned());
    AdapterBundle byOther = new BundleSigner(BundleSigner.newKeys()).sign(SIGNED);
    assertThat(keys.status(byOther)).isInstanceOf(SignatureStatus.Untrusted.class);
    keys.require(SIGNED);
    assertThatThrownBy(() -> keys.require(UNSIGNED))
        .isInstanceOfSatisfying(
            SluiceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION))
        .hasMessageContaining("unsigned (expected: a signature by one of [release])");
  }

  @Test
  void read_signatureOfAnotherBundle_isRefused() {
    AdapterBundle other = new BundleSigner(KEYS).sign(TestingBundles.small().adaptAt(3, 2).build());
    SortedMap<String, byte[]> entries = UNSIGNED.entries();
    entries.put(BundleFormat.SIGNATURE, other.entries().get(BundleFormat.SIGNATURE));
    refused(entries, "signature.ed25519: a signature of something else");
    entries.put(BundleFormat.SIGNATURE, new byte[BundleSignature.BYTES]);
    refused(entries, "signature.ed25519: not a key and a signature");
    entries.put(BundleFormat.SIGNATURE, new byte[3]);
    refused(entries, "signature.ed25519: 3 bytes (expected: 108)");
  }

  @Test
  void trustedKeys_readFromPemFiles(@TempDir Path directory) throws Exception {
    String pem =
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(KEYS.getPublic().getEncoded())
            + "\n-----END PUBLIC KEY-----\n";
    Files.writeString(directory.resolve("release.pem"), pem);
    Files.writeString(directory.resolve("notes.txt"), "not a key");
    assertThat(TrustedKeys.read(directory).status(SIGNED))
        .isEqualTo(new SignatureStatus.Trusted(KEY_ID, "release"));

    Files.writeString(directory.resolve("bad.pem"), pem.replace("M", "?"));
    assertThatThrownBy(() -> TrustedKeys.read(directory))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("bad.pem: not a public key (expected: Ed25519, PEM");
    assertThatThrownBy(() -> TrustedKeys.read(directory.resolve("none")))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("expected: a PEM file");
  }

  private static void refused(SortedMap<String, byte[]> entries, String message) {
    byte[] bytes = StoredZip.encode(entries);
    assertThatThrownBy(() -> BundleReader.read(bytes, BundleLimits.defaults()))
        .isInstanceOf(BundleCorruptException.class)
        .hasMessageContaining(message);
  }
}
