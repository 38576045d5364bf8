package io.sluice.backbone.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.SharedFiles;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.OnnxFormat;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Exported models computed by ONNX Runtime before and after our own records and file format. */
class ZooRoundTripTest {
  private static final int BATCH = 2;
  private static final int SEQ = 7;

  static Stream<Path> zoo() throws IOException {
    try (Stream<Path> files = Files.list(SharedFiles.require("zoo"))) {
      return files.filter(file -> file.toString().endsWith(".onnx")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("zoo")
  void write_afterRead_computesTheSame(Path file) throws Exception {
    OnnxRuntime runtime = OnnxRuntime.shared();
    // Without rewriting, the same nodes run: bit for bit. With it, inner shapes that a file tells
    // lead to other fusions.
    SessionSettings settings =
        SessionSettings.defaults().withLevel(SessionSettings.Optimization.NONE);
    Graph graph = OnnxFormat.read(file);
    byte[] ours = OnnxFormat.write(graph);
    try (OnnxSession before = runtime.open(Files.readAllBytes(file), settings);
        OnnxSession after = runtime.open(ours, settings)) {
      assertThat(OnnxFormat.read(ours)).isEqualTo(graph);
      assertThat(OnnxFormat.write(OnnxFormat.read(ours))).isEqualTo(ours);
      assertThat(after.inputs()).isEqualTo(before.inputs());
      assertThat(graph.inputs())
          .extracting(Value::name)
          .isEqualTo(before.inputs().stream().map(Value::name).toList());
      assertThat(outputs(runtime, after)).isEqualTo(outputs(runtime, before));
    }
  }

  private static Map<String, TensorData> outputs(OnnxRuntime runtime, OnnxSession session) {
    Map<String, HostTensor> inputs = new HashMap<>();
    for (Value input : session.inputs()) {
      long[] values = new long[BATCH * SEQ];
      for (int i = 0; i < values.length; i++) {
        values[i] =
            input.name().equals("input_ids")
                ? 5 + (i * 37) % 100
                : input.name().equals("attention_mask") ? 1 : 0;
      }
      inputs.put(input.name(), HostTensor.longs(runtime, values, BATCH, SEQ));
    }
    List<String> names = session.outputs().stream().map(Value::name).toList();
    try (Results results = session.run(inputs, names)) {
      Map<String, TensorData> outputs = new HashMap<>();
      names.forEach(name -> outputs.put(name, results.get(name)));
      return outputs;
    } finally {
      inputs.values().forEach(HostTensor::close);
    }
  }
}
