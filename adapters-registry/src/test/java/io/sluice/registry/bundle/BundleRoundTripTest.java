package io.sluice.registry.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.Digest;
import io.sluice.registry.testing.TestingAdapters;
import io.sluice.registry.testing.TestingBundles;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written is what is read, byte for byte. */
class BundleRoundTripTest {
  private static final BundleLimits LIMITS = BundleLimits.defaults();

  @Test
  void read_ofWritten_givesEqualContent() {
    AdapterBundle written =
        TestingBundles.small()
            .adaptAt(2, 4)
            .adaptAt(3, 2)
            .attach("report.html", "<p>fine</p>")
            .build();

    AdapterBundle read = BundleReader.read(written.bytes(), LIMITS);

    assertThat(read.digest()).isEqualTo(written.digest());
    assertThat(read.manifest()).isEqualTo(written.manifest());
    assertThat(read.points()).isEqualTo(written.points());
    assertThat(read.head()).isEqualTo(written.head());
    assertThat(read.probe()).usingRecursiveComparison().isEqualTo(written.probe());
    assertThat(read.attachmentNames()).containsExactly("report.html");
    assertThat(read.attachment("report.html")).isEqualTo("<p>fine</p>".getBytes(UTF_8));
    assertThat(read.attachment("manifest.json")).isNull();
    assertThat(read.signature()).isNull();
    assertThat(read.sizeBytes()).isEqualTo(written.bytes().length);
  }

  @Test
  void write_sameContentTwice_sameBytesAndDigest() {
    assertThat(TestingBundles.small().adaptAt(2, 4).build().bytes())
        .isEqualTo(TestingBundles.small().adaptAt(2, 4).build().bytes());
  }

  @ParameterizedTest
  @ValueSource(strings = {"fa-IR", "ar-EG", "mr-IN", "tr-TR", "de-DE"})
  void write_localeWithOtherDigits_sameBytes(String locale) {
    AdapterBundle expected = TestingBundles.small().adaptAt(2, 4).build();
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag(locale));
    try {
      AdapterBundle written = TestingBundles.small().adaptAt(2, 4).build();

      assertThat(written.bytes()).isEqualTo(expected.bytes());
      assertThat(BundleReader.read(written.bytes(), LIMITS).points()).containsOnlyKeys(2);
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void write_otherSeed_otherDigest() {
    assertThat(TestingBundles.small().seed(1).build().digest())
        .isNotEqualTo(TestingBundles.small().seed(2).build().digest());
  }

  @ParameterizedTest
  @EnumSource(TaskKind.class)
  void write_everyKind_roundTrips(TaskKind kind) {
    String[] labels =
        switch (kind) {
          case CLASSIFY, MULTI_LABEL -> new String[] {"a", "b", "c"};
          case REGRESS -> new String[] {"score"};
          case ANSWER_BOOLEAN -> new String[] {"no", "yes"};
          case ANSWER_SPAN -> new String[0];
        };
    AdapterBundle written = TestingBundles.small().kind(kind, labels).adaptAt(1, 2).build();
    assertThat(BundleReader.read(written.bytes(), LIMITS).manifest()).isEqualTo(written.manifest());
  }

  @Test
  void digest_isShaOfTheSums() throws Exception {
    AdapterBundle bundle = TestingBundles.small().adaptAt(4, 2).build();
    byte[] sums = {};
    List<String> names = new ArrayList<>();
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(bundle.bytes()))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        names.add(entry.getName());
        sums = entry.getName().equals("SHA256SUMS") ? zip.readAllBytes() : sums;
      }
    }
    assertThat(bundle.digest()).isEqualTo(Digest.of(sums));
    assertThat(names)
        .containsExactly(
            "FORMAT", "SHA256SUMS", "head.onnx", "manifest.json", "points/04.onnx", "probe.bin");
  }

  @Test
  void save_isReadableByReaderAndByZipTools(@TempDir Path directory) throws Exception {
    AdapterBundle bundle = TestingBundles.small().adaptAt(2, 4).build();
    Path file = directory.resolve("a.sluice");
    BundleWriter.save(bundle, file);
    BundleWriter.save(bundle, file);

    assertThat(BundleReader.read(file, LIMITS).digest()).isEqualTo(bundle.digest());
    assertThat(BundleReader.verify(file, LIMITS)).isEqualTo(bundle.digest());
    try (ZipFile zip = new ZipFile(file.toFile())) {
      assertThat(zip.size()).isEqualTo(6);
      assertThat(zip.getEntry("FORMAT").getTimeLocal()).hasToString("1980-01-01T00:00");
    }
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void requireBackbone_anotherOne_saysBoth() {
    AdapterBundle bundle = TestingBundles.small().build();
    Digest other = Digest.of(new byte[] {9});
    bundle.requireBackbone(bundle.manifest().backbone(), "none");
    assertThatThrownBy(() -> bundle.requireBackbone(other, "mine"))
        .isInstanceOf(BackboneMismatchException.class)
        .hasMessageContaining("mine " + other)
        .hasMessageContaining("none " + bundle.manifest().backbone());
  }

  @Test
  void cost_countsBottleneckByHand() {
    int hidden = 8;
    int rank = 4;
    GraphCost cost = GraphCost.of(TestingAdapters.sequential(hidden, rank, 1, new Random(1)));
    assertThat(cost.exact()).isTrue();
    assertThat(cost.parameters()).isEqualTo(2 * hidden * rank + rank + hidden);
    // Two products, bias and gelu inside, bias and residual outside.
    assertThat(cost.flopsPerToken()).isEqualTo(2 * 2 * hidden * rank + 2 * rank + 2 * hidden);
    assertThat(cost.flopsPerRow()).isZero();
  }

  @Test
  void cost_countsHeadsByHand() {
    GraphCost first = GraphCost.of(TestingAdapters.linearHead(8, 3, Pooling.FIRST, new Random(1)));
    assertThat(first).isEqualTo(new GraphCost(8 * 3 + 3, 0, 2 * 8 * 3 + 3, true));
    GraphCost mean = GraphCost.of(TestingAdapters.linearHead(8, 3, Pooling.MEAN, new Random(1)));
    // Per token the product with the mask, its sum and the count; per row the division.
    assertThat(mean).isEqualTo(new GraphCost(8 * 3 + 3, 8 + 8 + 1, 2 * 8 * 3 + 3 + 8, true));
    GraphCost span = GraphCost.of(TestingAdapters.spanHead(8, new Random(1)));
    assertThat(span).isEqualTo(new GraphCost(16, 2 * 2 * 8, 0, true));
  }
}
