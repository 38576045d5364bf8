package io.sluice.registry.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.Digest;
import io.sluice.backbone.graph.TensorData;
import io.sluice.registry.testing.TestingAdapters;
import io.sluice.registry.testing.TestingBundles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A file of every version of the format, written once and read for ever. */
class BundleGoldenTest {
  private static final String RESOURCE = "golden-v1.sluice";
  private static final String DIGEST =
      "0c740034b0829a8054b062116850789ccbff1e8c1fb7e0c769d03b7606ca96bd";
  private static final String FILE =
      "a1bd21b886dc0a9835b63f66f5112a06273661725b199923aa988790dfd9f4c5";

  @Test
  void read_version1_hasTheContentItWasWrittenWith() throws IOException {
    byte[] bytes = golden();
    assertThat(Digest.of(bytes).hex()).isEqualTo(FILE);

    AdapterBundle bundle = BundleReader.read(bytes, BundleLimits.defaults());

    assertThat(bundle.digest().hex()).isEqualTo(DIGEST);
    assertThat(bundle.manifest()).isEqualTo(content().manifest());
    assertThat(bundle.manifest().labels()).containsExactly("contradiction", "entailment", "none");
    assertThat(bundle.manifest().cost()).isEqualTo(new Cost(119, 185, 2));
    assertThat(bundle.points().keySet()).containsExactly(2, 4);
    assertThat(bundle.points()).isEqualTo(content().build().points());
    assertThat(bundle.head()).isEqualTo(content().head());
    assertThat(bundle.probe().ids().get(1)).containsExactly(101, 9, 102);
    assertThat(bundle.probe().logits().get(1)).containsExactly(0, 0.5f, 1);
    assertThat(bundle.attachment("report.html")).isEqualTo("<h1>Golden</h1>".getBytes(UTF_8));
    assertThat(bundle.signature()).isNotNull();
    TensorData weight = requireNonNull(bundle.head().initializers().get("bias"));
    assertThat(weight.toFloats()).hasSize(3);
  }

  /** Holds as long as the writer of version 1 is the current one. */
  @Test
  void write_sameContent_hasTheGoldenDigest() {
    assertThat(content().build().digest().hex()).isEqualTo(DIGEST);
  }

  private static TestingBundles content() {
    return TestingBundles.small()
        .seed(7)
        .kind(TaskKind.CLASSIFY, "contradiction", "entailment", "none")
        .textFields("premise", "hypothesis")
        .pooling(Pooling.MEAN)
        .adaptAt(2, 4)
        .adaptAt(4, "scale_shift", 0, TestingAdapters.scaleShift(8, 1, new Random(7)))
        .attach("report.html", "<h1>Golden</h1>");
  }

  private static byte[] golden() throws IOException {
    try (InputStream in = BundleGoldenTest.class.getResourceAsStream(RESOURCE)) {
      return requireNonNull(in, RESOURCE).readAllBytes();
    }
  }

  /** Writes the file anew, for a new version of the format; argument: the file. */
  public static void main(String[] args) {
    AdapterBundle bundle = new BundleSigner(BundleSigner.newKeys()).sign(content().build());
    BundleWriter.save(bundle, Path.of(args[0]));
    System.err.println(
        List.of(bundle.digest(), Digest.of(bundle.bytes()), bundle.manifest().cost()));
  }
}
