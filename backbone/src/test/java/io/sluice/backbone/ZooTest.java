package io.sluice.backbone;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.OnnxFormat;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.runtime.OnnxRuntime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Imports every export of the zoo and compares the cut with the untouched model and with what
 * PyTorch gave.
 */
class ZooTest {
  private static final Logger LOG = LoggerFactory.getLogger(ZooTest.class);
  private static final byte[] TOKENIZER = "{}".getBytes(StandardCharsets.UTF_8);
  private static final long SEED = 7;

  /** PyTorch adds in another order; the reference is rounded to six decimals. */
  private static final double PYTORCH_TOLERANCE = 1e-5;

  static List<Path> models() throws IOException {
    try (Stream<Path> files = Files.list(SharedFiles.require("zoo"))) {
      return files.filter(file -> file.toString().endsWith(".onnx")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void cut_everyExport_equalsUntouchedModelAndPyTorch(Path path) throws IOException {
    OnnxRuntime runtime = OnnxRuntime.shared();
    String file = path.getFileName().toString();
    Graph exported = OnnxFormat.read(path);

    Backbone backbone = BackboneImporter.cut(file, exported, TOKENIZER, runtime);
    BackboneVerification verification = BackboneVerification.of(backbone, exported, runtime, SEED);
    double pytorch =
        pytorchError(backbone, path.resolveSibling(file.replace(".onnx", ".json")), runtime);

    LOG.info(
        "{}: seed {}, {} points, {} positions, {}, to PyTorch {}",
        file,
        SEED,
        backbone.points(),
        backbone.maxPositions(),
        verification,
        pytorch);
    assertThat(backbone.points()).isEqualTo(6);
    assertThat(verification.cutError()).isLessThanOrEqualTo(1e-5);
    assertThat(verification.sliceError()).isLessThanOrEqualTo(1e-5);
    assertThat(pytorch).isLessThanOrEqualTo(PYTORCH_TOLERANCE);
  }

  private static double pytorchError(Backbone backbone, Path reference, OnnxRuntime runtime)
      throws IOException {
    JsonNode json = new ObjectMapper().readTree(reference.toFile());
    double greatest = 0;
    try (BackboneSessions sessions = BackboneSessions.open(backbone, runtime)) {
      CutForward cut = new CutForward(sessions, runtime);
      for (int sample = 0; json.has(sample + ".input_ids"); sample++) {
        SampleBatch batch = batch(json, sample + ".");
        TensorData hidden = cut.body(cut.prologue(batch));
        JsonNode expected = json.path(sample + ".last_hidden_state");
        float[] actual = hidden.toFloats();
        int size = backbone.hiddenSize();
        for (int i = 0; i < actual.length; i++) {
          if (batch.mask()[i / size] == 1) {
            greatest = Math.max(greatest, Math.abs(actual[i] - expected.get(i).doubleValue()));
          }
        }
      }
    }
    return greatest;
  }

  private static SampleBatch batch(JsonNode json, String prefix) {
    JsonNode ids = json.path(prefix + "input_ids");
    int rows = ids.size();
    int tokens = ids.get(0).size();
    JsonNode types = json.path(prefix + "token_type_ids");
    return new SampleBatch(
        rows,
        tokens,
        flat(ids),
        flat(json.path(prefix + "attention_mask")),
        types.isMissingNode() ? new long[rows * tokens] : flat(types));
  }

  private static long[] flat(JsonNode rows) {
    return Stream.iterate(0, i -> i < rows.size(), i -> i + 1)
        .flatMapToLong(
            i -> {
              long[] row = new long[rows.get(i).size()];
              for (int j = 0; j < row.length; j++) {
                row[j] = rows.get(i).get(j).longValue();
              }
              return Arrays.stream(row);
            })
        .toArray();
  }
}
