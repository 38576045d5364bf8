package io.sluice.backbone.precision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneImporter;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.ZooSample;
import io.sluice.backbone.form.ServingForm;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.OnnxFormat;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.runtime.Device;
import io.sluice.backbone.runtime.OnnxRuntime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Graphs in 16 bits run here on the processor, which widens where it has no such operator. */
class HalfPrecisionTest {
  private final OnnxRuntime runtime = OnnxRuntime.shared();

  static List<Path> models() throws IOException {
    return ZooSample.exports();
  }

  /** The oracle is PyTorch, in 32 bits. */
  @ParameterizedTest
  @MethodSource("models")
  void apply_blocksOfEveryExport_giveNearlyWhatPyTorchGave(Path path) throws IOException {
    Backbone backbone =
        BackboneImporter.cut(
            "zoo", OnnxFormat.read(path), "{}".getBytes(StandardCharsets.UTF_8), runtime);
    Graph joined =
        ServingForm.of(
            ZooSample.joined(backbone, part -> Precision.FP16.apply(part, backbone.ranges())),
            Device.cuda(0));
    assertThat(joined.initializers().values()).anyMatch(data -> data.type() == DataType.FLOAT16);
    for (ZooSample sample : ZooSample.of(path)) {
      assertThat(sample.relativeError(joined, runtime)).isLessThanOrEqualTo(3e-3);
    }
  }

  @Test
  void apply_twoBlocks_haveNoCastsBetweenThem() {
    Backbone mini = SluiceMini.load();
    Graph span = Precision.FP16.apply(mini.span(1, 4), mini.ranges());
    Graph joined =
        ZooSample.joined(
            mini.span(1, 4), k -> Precision.FP16.apply(mini.block(k), mini.ranges()), 4);
    Graph leg = ServingForm.of(joined, Device.cuda(0));
    // The mask comes in once for each block; ONNX Runtime makes one of them.
    assertThat(casts(leg)).isEqualTo(casts(span) + 1);
    assertThat(leg.outputs().get(0).type()).isEqualTo(DataType.FLOAT);
  }

  @Test
  void apply_valuesBeyondSixteenBits_areBounded() {
    GraphBuilder b = new GraphBuilder("large", 17);
    String x = b.input("x", DataType.FLOAT, "batch", "seq", 1L);
    String large = b.initializer("w", TensorData.floats(new float[] {-3e38f}, 1));
    b.output(b.node("Max", x, large), DataType.FLOAT, "batch", "seq", 1L);
    Graph half = Precision.FP16.apply(b.build(), ActivationRanges.none());
    assertThat(half.initializers().values())
        .filteredOn(data -> data.type() == DataType.FLOAT16)
        .extracting(data -> data.toFloats()[0])
        .containsExactly(-HalfPrecision.LARGEST);
  }

  @Test
  void requireOn_formatsOfTheOtherDevice_areRefused() {
    assertThatThrownBy(() -> Precision.FP16.requireOn(Device.CPU))
        .isInstanceOf(SluiceException.class)
        .hasMessage("backbone precision: FP16 on cpu (expected: FP32 or INT8; FP16 is for a GPU)");
    assertThatThrownBy(() -> Precision.INT8.requireOn(Device.cuda(1)))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("INT8 on cuda:1 (expected: FP32 or FP16");
    for (Device device : List.of(Device.CPU, Device.cuda(0))) {
      assertThatCode(() -> Precision.FP32.requireOn(device)).doesNotThrowAnyException();
    }
  }

  private static long casts(Graph graph) {
    return graph.nodes().stream()
        .filter(node -> node.is("Cast") && node.intAttribute("to", 0) != 1)
        .count();
  }
}
