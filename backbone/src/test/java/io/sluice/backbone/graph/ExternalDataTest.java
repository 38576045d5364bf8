package io.sluice.backbone.graph;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.sluice.backbone.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExternalDataTest {
  @TempDir Path root;
  private Path folder;

  @BeforeEach
  void lay() throws Exception {
    folder = Files.createDirectories(root.resolve("model"));
    ByteBuffer weights = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    weights.putFloat(8, 1.5f).putFloat(12, 2.5f);
    Files.createDirectories(folder.resolve("sub"));
    Files.write(folder.resolve("weights.bin"), weights.array());
    Files.write(folder.resolve("sub/weights.bin"), weights.array());
    Files.write(root.resolve("secret.bin"), weights.array());
  }

  private Path model(Map<String, String> entries) throws Exception {
    TensorProto.Builder tensor =
        OnnxFormatTest.tensor("w", DataType.FLOAT, 2)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL);
    entries.forEach(
        (key, value) ->
            tensor.addExternalData(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(tensor);
    return Files.write(folder.resolve("m.onnx"), OnnxFormatTest.model(graph, "w").toByteArray());
  }

  private void refused(Map<String, String> entries, String message) throws Exception {
    Path file = model(entries);
    OnnxFormatTest.refused(() -> OnnxFormat.read(file), ErrorCode.INVALID_ARGUMENT, message);
  }

  @Test
  void read_fileBesideOrBelowTheModel_isRead() throws Exception {
    Map<String, String> place = Map.of("location", "weights.bin", "offset", "8", "length", "8");
    assertThat(OnnxFormat.read(model(place)).initializer("w").toFloats())
        .containsExactly(1.5f, 2.5f);
    assertThat(
            OnnxFormat.read(model(Map.of("location", "sub/weights.bin")))
                .initializer("w")
                .toFloats())
        .containsExactly(0f, 0f);
  }

  @Test
  void read_locationOutsideTheFolder_isRefused() throws Exception {
    String reason = "(expected: a relative path below the model's folder)";
    refused(Map.of("location", "../secret.bin"), "location: ../secret.bin " + reason);
    refused(Map.of("location", "sub/../../secret.bin"), reason);
    refused(Map.of("location", root.resolve("secret.bin").toAbsolutePath().toString()), reason);
    refused(Map.of("location", folder.resolve("weights.bin").toAbsolutePath().toString()), reason);
    refused(Map.of("location", "bad\0name"), reason);
  }

  @Test
  void read_linkThatLeadsOutside_isRefused() throws Exception {
    Files.createSymbolicLink(folder.resolve("link.bin"), root.resolve("secret.bin"));

    refused(
        Map.of("location", "link.bin"),
        "location: link.bin (expected: a relative path below the model's folder)");
  }

  @Test
  void read_missingOrShortFile_saysWhatItFound() throws Exception {
    refused(Map.of("location", "none.bin"), "none.bin: no such file");
    refused(Map.of("offset", "1"), "external data location: none");
    refused(
        Map.of("location", "weights.bin", "offset", "20"), "size: 24 (expected: at least 20 + 8)");
    refused(Map.of("location", "weights.bin", "offset", "9223372036854775807"), "size: 24");
    refused(
        Map.of("location", "weights.bin", "length", "4"), "length: 4 (expected: 8 from its shape");
    refused(
        Map.of("location", "weights.bin", "offset", "-1"), "offset: -1 (expected: a number >= 0)");
    refused(Map.of("location", "weights.bin", "length", "many"), "length: many");
  }

  @Test
  void read_fromBytes_isRefusedAsThereIsNoFolder() throws Exception {
    byte[] model = Files.readAllBytes(model(Map.of("location", "weights.bin")));

    OnnxFormatTest.refused(
        () -> OnnxFormat.read(model), ErrorCode.INVALID_ARGUMENT, "tensor w: external data");
  }
}
