package io.sluice.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.graph.Attribute;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.OnnxFormat;
import io.sluice.backbone.runtime.OnnxRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackboneFormatTest {
  @TempDir Path folder;
  private Path dir = Path.of("unset");
  private Backbone backbone = tiny(false);

  private static Backbone tiny(boolean normFirst) {
    TinyEncoder tiny = new TinyEncoder();
    tiny.normFirst = normFirst;
    tiny.pooler = true;
    return BackboneImporter.cut(
        "tiny", tiny.build(), BackboneImporterTest.tokenizer(40), OnnxRuntime.shared());
  }

  @BeforeEach
  void write() {
    dir = folder.resolve("tiny");
    BackboneFormat.write(backbone, dir);
  }

  @Test
  void read_whatWasWritten_isTheSame() {
    Backbone read = BackboneFormat.read(dir);
    assertThat(read.digest()).isEqualTo(backbone.digest());
    assertThat(read.name()).isEqualTo("tiny");
    assertThat(read.boundaryNames()).isEqualTo(backbone.boundaryNames());
    assertThat(read.context()).isEqualTo(backbone.context());
    assertThat(read.notes()).isEqualTo(backbone.notes()).isNotEmpty();
    assertThat(read.maxPositions()).isEqualTo(backbone.maxPositions());
    assertThat(read.tokenizerJson()).isEqualTo(backbone.tokenizerJson());
    assertThat(read.whole().initializers()).isEqualTo(backbone.whole().initializers());
    assertThat(BackboneVerification.of(read, OnnxRuntime.shared(), 1).passes()).isTrue();
  }

  @Test
  void write_twice_givesTheSameBytes() throws IOException {
    Path again = folder.resolve("again");
    BackboneFormat.write(BackboneFormat.read(dir), again);
    for (String file : new String[] {"backbone.json", "model.onnx", "tokenizer.json"}) {
      assertThat(again.resolve(file)).hasSameBinaryContentAs(dir.resolve(file));
    }
  }

  @Test
  void write_weightsThatFloat16Holds_areStoredSo() {
    Backbone mini = SluiceMini.load();
    Path target = folder.resolve("mini");
    BackboneFormat.write(mini, target);
    long half =
        OnnxFormat.read(target.resolve("model.onnx")).initializers().values().stream()
            .filter(data -> data.type() == DataType.FLOAT16)
            .mapToLong(data -> data.elements())
            .sum();
    assertThat(half).isGreaterThan(mini.parameters() * 9 / 10);
    assertThat(BackboneFormat.read(target).digest()).isEqualTo(mini.digest());
  }

  @Test
  void read_withRangesAndWithout_givesThemAndTheSameDigest() throws IOException {
    Backbone mini = SluiceMini.load();
    Path target = folder.resolve("ranges");
    BackboneFormat.write(mini, target);
    Backbone read = BackboneFormat.read(target);
    assertThat(read.ranges().digest()).isEqualTo(mini.ranges().digest());
    assertThat(read.ranges().byLinear()).isNotEmpty();
    Files.delete(target.resolve("ranges.json"));
    Backbone without = BackboneFormat.read(target);
    assertThat(without.ranges().byLinear()).isEmpty();
    assertThat(without.digest()).isEqualTo(mini.digest());
  }

  @Test
  void write_overOlderForm_replacesItAndLeavesNothingBeside() throws IOException {
    Backbone other = tiny(true);
    BackboneFormat.write(other, dir);
    assertThat(BackboneFormat.read(dir).digest())
        .isEqualTo(other.digest())
        .isNotEqualTo(backbone.digest());
    try (Stream<Path> beside = Files.list(folder)) {
      assertThat(beside).containsExactly(dir);
    }
  }

  @Test
  void write_newForm_canBeReadByWhomAnyNewDirectoryCan() throws IOException {
    Path plain = Files.createDirectory(folder.resolve("plain"));
    assertThat(Files.getPosixFilePermissions(dir)).isEqualTo(Files.getPosixFilePermissions(plain));
  }

  @Test
  void write_overSomethingElse_isRefused() throws IOException {
    Path precious = folder.resolve("precious");
    Files.createDirectories(precious);
    Files.writeString(precious.resolve("thesis.txt"), "years");
    assertThatThrownBy(() -> BackboneFormat.write(backbone, precious))
        .isInstanceOfSatisfying(
            SluiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ALREADY_EXISTS));
    assertThat(precious.resolve("thesis.txt")).hasContent("years");
  }

  @Test
  void read_weightChanged_isCorrupt() throws IOException {
    Path model = dir.resolve("model.onnx");
    byte[] bytes = Files.readAllBytes(model);
    float first =
        backbone.whole().initializers().values().stream()
            .filter(data -> data.type() == DataType.FLOAT && data.elements() > 100)
            .findFirst()
            .orElseThrow()
            .toFloats()[0];
    bytes[indexOf(bytes, first)] ^= 1;
    Files.write(model, bytes);
    assertCode(ErrorCode.DATA_LOSS, "corrupt: digest of the content", backbone.digest().toString());
  }

  @Test
  void read_modelCutShort_isCorrupt() throws IOException {
    Path model = dir.resolve("model.onnx");
    byte[] bytes = Files.readAllBytes(model);
    Files.write(model, Arrays.copyOf(bytes, bytes.length / 2));
    assertCode(ErrorCode.DATA_LOSS, "model.onnx: corrupt");
  }

  @Test
  void read_tokenizerChanged_isCorrupt() throws IOException {
    Files.write(dir.resolve("tokenizer.json"), BackboneImporterTest.tokenizer(39));
    assertCode(ErrorCode.DATA_LOSS, "corrupt: digest of the content");
  }

  @Test
  void read_newerFormat_saysTooNew() throws IOException {
    edit("\"formatVersion\" : 1", "\"formatVersion\" : 2");
    assertCode(
        ErrorCode.FAILED_PRECONDITION, "backbone.json: formatVersion: 2 (expected: 1): too new");
  }

  @Test
  void read_olderFormat_saysTooOld() throws IOException {
    edit("\"formatVersion\" : 1", "\"formatVersion\" : 0");
    assertCode(
        ErrorCode.FAILED_PRECONDITION, "backbone.json: formatVersion: 0 (expected: 1): too old");
  }

  @Test
  void read_descriptionOfAnotherModel_isCorrupt() throws IOException {
    edit("\"" + backbone.boundaryNames().get(1) + "\"", "\"elsewhere\"");
    assertCode(ErrorCode.DATA_LOSS, "backbone.json: corrupt", "elsewhere");
  }

  @Test
  void read_hiddenSizeOfAnotherModel_isCorrupt() throws IOException {
    edit("\"hiddenSize\" : 16", "\"hiddenSize\" : 17");
    assertCode(ErrorCode.DATA_LOSS, "backbone.json: corrupt: hiddenSize: 17");
  }

  @Test
  void read_digestIsNone_isCorrupt() throws IOException {
    edit("\"digest\" : \"sha256:", "\"digest\" : \"md5:");
    assertCode(ErrorCode.DATA_LOSS, "backbone.json: corrupt: digest: md5:");
  }

  @Test
  void read_modelWithACastOfNothing_isCorrupt() throws IOException {
    GraphBuilder b = new GraphBuilder("bare", 17);
    String bare = b.node("Cast", List.of(), Map.of("to", Attribute.of(1L)));
    b.output(bare, DataType.FLOAT, "batch");
    OnnxFormat.write(b.build(), dir.resolve("model.onnx"));
    assertCode(ErrorCode.DATA_LOSS, "corrupt");
  }

  @Test
  void read_missingFile_namesIt() throws IOException {
    Files.delete(dir.resolve("tokenizer.json"));
    assertCode(ErrorCode.NOT_FOUND, "tokenizer.json: no such file");
  }

  private void assertCode(ErrorCode code, String... parts) {
    assertThatThrownBy(() -> BackboneFormat.read(dir))
        .isInstanceOfSatisfying(
            SluiceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.getMessage()).contains(parts).contains(dir.toString());
            });
  }

  private void edit(String from, String to) throws IOException {
    Path file = dir.resolve("backbone.json");
    String json = Files.readString(file);
    assertThat(json).contains(from);
    Files.writeString(file, json.replace(from, to));
  }

  private static int indexOf(byte[] bytes, float value) {
    int bits = Float.floatToRawIntBits(value);
    for (int i = 0; i + 4 <= bytes.length; i++) {
      if (bytes[i] == (byte) bits
          && bytes[i + 1] == (byte) (bits >> 8)
          && bytes[i + 2] == (byte) (bits >> 16)
          && bytes[i + 3] == (byte) (bits >> 24)) {
        return i;
      }
    }
    throw new IllegalArgumentException("value: " + value + " (expected: in the file)");
  }
}
