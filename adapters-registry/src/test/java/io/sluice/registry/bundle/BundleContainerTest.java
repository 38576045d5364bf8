package io.sluice.registry.bundle;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.testing.TestingBundles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.zip.Zip64Mode;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Zips that are no bundle: each is refused for its own reason before its content is looked at. */
class BundleContainerTest {
  private static final BundleLimits LIMITS = BundleLimits.defaults();
  private static final AdapterBundle BUNDLE = TestingBundles.small().adaptAt(2, 2).build();

  @Test
  void read_notAZip_saysWhatIsExpected() {
    refused("hello".getBytes(UTF_8), "5 bytes without a bundle's header", "first entry is FORMAT");
    refused(new byte[0], "0 bytes without a bundle's header");
  }

  @Test
  void read_newerOrOlderFormat_isToldApartFromDamage() {
    byte[] newer = resealed(entries -> entries.put("FORMAT", ascii("sluice-bundle 2\n")));
    assertThatThrownBy(() -> BundleReader.read(newer, LIMITS))
        .isInstanceOf(BundleTooNewException.class)
        .hasMessage("bundle: format version 2 (expected: 1..1; a newer Sluice wrote it)");
    byte[] older = resealed(entries -> entries.put("FORMAT", ascii("sluice-bundle 0\n")));
    assertThatThrownBy(() -> BundleReader.read(older, LIMITS))
        .isInstanceOf(BundleTooOldException.class)
        .hasMessage("bundle: format version 0 (expected: 1..1; this Sluice no longer reads it)");
  }

  @Test
  void read_newerFormatInAnotherContainer_isStillTooNew() {
    byte[] newer = BUNDLE.bytes();
    newer[36 + "sluice-bundle ".length()] = '9';
    newer = Arrays.copyOf(newer, newer.length / 2);
    byte[] half = newer;
    assertThatThrownBy(() -> BundleReader.read(half, LIMITS))
        .isInstanceOf(BundleTooNewException.class)
        .hasMessageContaining("format version 9");
  }

  @Test
  void read_namesOutOfTheList_areRefused() {
    for (String name :
        new String[] {
          "points/../x",
          "points/00.onnx",
          "points/1.onnx",
          "points/0001.onnx",
          "zzz",
          "points\\01.onnx",
          "head.ONNX",
          "weird\u0001name"
        }) {
      refused(resealed(entries -> entries.put(name, ascii("x"))), "entry \"", "only names");
    }
    // These sort before FORMAT, so that the file does not even begin like a bundle.
    for (String name : new String[] {"../evil", "/etc/passwd", "", "C:\\x"}) {
      refused(resealed(entries -> entries.put(name, ascii("x"))), "without a bundle's header");
    }
  }

  @Test
  void read_entriesMissing_areNamed() {
    for (String name : new String[] {"head.onnx", "manifest.json", "probe.bin", "SHA256SUMS"}) {
      SortedMap<String, byte[]> entries = BUNDLE.entries();
      entries.remove(name);
      if (!name.equals("SHA256SUMS")) {
        entries.remove("SHA256SUMS");
        entries.put("SHA256SUMS", Checksums.encode(entries));
      }
      refused(StoredZip.encode(entries), "no entry " + name);
    }
  }

  @Test
  void read_sumsWrong_namesTheLine() {
    SortedMap<String, byte[]> entries = BUNDLE.entries();
    entries.put("probe.bin", ascii("other"));
    refused(StoredZip.encode(entries), "SHA256SUMS: line 5 \"", "probe.bin", "content");
    SortedMap<String, byte[]> more = BUNDLE.entries();
    more.put("structure.svg", ascii("<svg/>"));
    refused(StoredZip.encode(more), "SHA256SUMS: line 6 \"\"", "structure.svg");
  }

  @Test
  void read_tooBig_isRefusedByTheHeadersAlone(@TempDir Path directory) throws IOException {
    BundleLimits entries =
        new BundleLimits(1 << 20, 5, 1 << 20, 1 << 20, 1 << 20, 1 << 20, 99, 100, 1 << 18);
    refused(BUNDLE.bytes(), entries, "6 entries (expected: at most 5)");
    BundleLimits graphs =
        new BundleLimits(1 << 20, 99, 100, 1 << 20, 1 << 20, 1 << 20, 99, 100, 1 << 18);
    refused(BUNDLE.bytes(), graphs, "head.onnx: ", "bytes (expected: at most 100)");
    BundleLimits nodes =
        new BundleLimits(1 << 20, 99, 1 << 20, 1 << 20, 1 << 20, 1 << 20, 99, 1, 1 << 18);
    refused(BUNDLE.bytes(), nodes, "points/02.onnx: 7 nodes (expected: at most 1)");
    BundleLimits narrow =
        new BundleLimits(1 << 20, 99, 1 << 20, 1 << 20, 1 << 20, 1 << 20, 99, 100, 7);
    refused(
        BUNDLE.bytes(),
        narrow,
        "points/02.onnx: ",
        "8 elements for each token (expected: at most 7)");
    BundleLimits rows =
        new BundleLimits(1 << 20, 99, 1 << 20, 1 << 20, 1 << 20, 1 << 20, 1, 100, 1 << 18);
    refused(BUNDLE.bytes(), rows, "probe.bin: 2 rows (expected: at most 1)");
    BundleLimits total =
        new BundleLimits(1000, 99, 1 << 20, 1 << 20, 1 << 20, 1 << 20, 99, 100, 1 << 18);
    refused(BUNDLE.bytes(), total, BUNDLE.sizeBytes() + " bytes (expected: at most 1000)");
    Path file = directory.resolve("b.sluice");
    BundleWriter.save(BUNDLE, file);
    assertThatThrownBy(() -> BundleReader.read(file, total))
        .isInstanceOf(BundleCorruptException.class)
        .hasMessage(file + ": " + BUNDLE.sizeBytes() + " bytes (expected: at most 1000)");
  }

  @Test
  void save_interrupted_isWholeAndTheInterruptIsKept(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("kept.bundle");
    Files.write(file, new byte[] {1});
    Thread.currentThread().interrupt();
    BundleWriter.save(BUNDLE, file);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(Files.readAllBytes(file)).isEqualTo(BUNDLE.bytes());
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void read_declaredSizeHuge_isRefusedWithoutAllocation() {
    byte[] bytes = BUNDLE.bytes();
    ByteBuffer zip = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int directory = zip.getInt(bytes.length - 6);
    zip.putInt(directory + 24, -1);
    refused(bytes, "FORMAT: 4294967295 bytes (expected: at most 64)");
    zip.putInt(directory + 24, 64);
    refused(bytes, "FORMAT: local header, byte");
    zip.putShort(bytes.length - 12, (short) 0xffff);
    refused(bytes, "65535 entries");
  }

  @Test
  void read_missingFile_isNotFound(@TempDir Path directory) {
    assertThatThrownBy(() -> BundleReader.read(directory.resolve("none.sluice"), LIMITS))
        .isInstanceOfSatisfying(
            SluiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessageContaining("none.sluice: no such file");
  }

  @Test
  void read_ordinaryZipOfTheSameEntries_isRefused() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (var entry : BUNDLE.entries().entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
      }
    }
    refused(out.toByteArray(), "without a bundle's header");
  }

  @Test
  void read_firstStoredThenDeflated_isRefused() throws IOException {
    refused(
        zipped(
            Zip64Mode.Never,
            entry -> {
              if (!entry.getName().equals("FORMAT")) {
                entry.setMethod(ZipEntry.DEFLATED);
              }
            }),
        "FORMAT: directory entry, byte 4");
  }

  @Test
  void read_zipWithExtrasOrZip64_isRefused() throws IOException {
    refused(
        zipped(Zip64Mode.Never, entry -> entry.setComment("hi")), "FORMAT: directory entry, byte");
    refused(zipped(Zip64Mode.Always, entry -> {}), "(expected: ");
    refused(
        zipped(Zip64Mode.Never, entry -> entry.setUnixMode(0644)), "FORMAT: directory entry, byte");
  }

  @Test
  void read_deflated_isTold() {
    byte[] bytes = BUNDLE.bytes();
    ByteBuffer zip = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    zip.putShort(zip.getInt(bytes.length - 6) + 10, (short) 8);
    refused(bytes, "FORMAT: compression method 8 (expected: 0, stored)");
  }

  @Test
  void read_encryptedFlag_isTold() {
    byte[] bytes = BUNDLE.bytes();
    ByteBuffer zip = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    zip.putShort(zip.getInt(bytes.length - 6) + 8, (short) 1);
    refused(bytes, "FORMAT: encrypted (expected: none, flags 0)");
  }

  @Test
  void read_somethingAfterTheZip_isTold() {
    refused(
        Arrays.copyOf(BUNDLE.bytes(), BUNDLE.sizeBytes() + 1),
        "no zip end record",
        "something follows");
  }

  private static byte[] zipped(Zip64Mode mode, Consumer<ZipArchiveEntry> change)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(out)) {
      zip.setUseZip64(mode);
      zip.setUseLanguageEncodingFlag(false);
      for (var entry : BUNDLE.entries().entrySet()) {
        ZipArchiveEntry written = new ZipArchiveEntry(entry.getKey());
        written.setMethod(ZipEntry.STORED);
        written.setSize(entry.getValue().length);
        CRC32 crc = new CRC32();
        crc.update(entry.getValue());
        written.setCrc(crc.getValue());
        written.setTimeLocal(LocalDateTime.of(1980, 1, 1, 0, 0));
        change.accept(written);
        zip.putArchiveEntry(written);
        zip.write(entry.getValue());
        zip.closeArchiveEntry();
      }
    }
    return out.toByteArray();
  }

  private static byte[] resealed(Consumer<SortedMap<String, byte[]>> change) {
    SortedMap<String, byte[]> entries = BUNDLE.entries();
    entries.remove("SHA256SUMS");
    change.accept(entries);
    entries.put("SHA256SUMS", Checksums.encode(entries));
    return StoredZip.encode(entries);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(US_ASCII);
  }

  private static void refused(byte[] bytes, String... messages) {
    refused(bytes, LIMITS, messages);
  }

  private static void refused(byte[] bytes, BundleLimits limits, String... messages) {
    assertThatThrownBy(() -> BundleReader.read(bytes, limits))
        .isInstanceOf(BundleCorruptException.class)
        .hasMessageContainingAll(messages);
  }
}
