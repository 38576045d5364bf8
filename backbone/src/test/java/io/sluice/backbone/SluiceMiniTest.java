package io.sluice.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.backbone.form.ServingForm;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.SessionSettings;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The embedded encoder against what PyTorch gave for it when it was pretrained. */
class SluiceMiniTest {
  private static final Logger LOG = LoggerFactory.getLogger(SluiceMiniTest.class);

  /** The reference is rounded to five decimals, and PyTorch adds in another order. */
  private static final float TOLERANCE = 5e-5f;

  private static Backbone backbone;
  private static List<JsonNode> references;

  @BeforeAll
  static void load() throws IOException {
    long start = System.nanoTime();
    backbone = SluiceMini.load();
    LOG.info("{} loaded in {} ms", backbone, (System.nanoTime() - start) / 1_000_000);
    try (InputStream in = SluiceMiniTest.class.getResourceAsStream("sluice-mini/reference.json")) {
      references =
          StreamSupport.stream(new ObjectMapper().readTree(in).spliterator(), false).toList();
    }
  }

  @Test
  void load_fromJar_isAnEncoder() {
    assertThat(backbone.points()).isGreaterThanOrEqualTo(2).isEven();
    assertThat(backbone.maxPositions()).isEqualTo(512);
    assertThat(backbone.inputNames()).startsWith("input_ids", "attention_mask");
    assertThat(backbone.bodyParameters()).isLessThan(backbone.parameters());
    assertThat(backbone.span(1, backbone.points()).initializerBytes())
        .isLessThan(backbone.whole().initializerBytes());
  }

  @Test
  void encode_referenceTexts_givesReferenceIds() {
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(backbone)) {
      for (JsonNode reference : references) {
        Encoding encoding = encode(tokenizer, reference);
        assertThat(encoding.ids()).isEqualTo(longs(reference.path("ids")));
        assertThat(encoding.typeIds()).isEqualTo(longs(reference.path("type_ids")));
        assertThat(encoding.truncated()).isFalse();
      }
    }
  }

  @Test
  void run_referenceTexts_givesPyTorchVectors() {
    OnnxRuntime runtime = OnnxRuntime.shared();
    double greatest = 0;
    try (BackboneSessions sessions = BackboneSessions.open(backbone, runtime)) {
      CutForward cut = new CutForward(sessions, runtime);
      for (JsonNode reference : references) {
        long[] ids = longs(reference.path("ids"));
        long[] mask = new long[ids.length];
        Arrays.fill(mask, 1);
        SampleBatch batch =
            new SampleBatch(1, ids.length, ids, mask, longs(reference.path("type_ids")));
        float[] hidden = cut.body(cut.prologue(batch)).toFloats();
        int size = backbone.hiddenSize();
        greatest = Math.max(greatest, error(hidden, 0, reference.path("first")));
        greatest =
            Math.max(greatest, error(hidden, (ids.length - 1) * size, reference.path("last")));
      }
    }
    LOG.info("greatest difference to PyTorch {}", greatest);
    assertThat(greatest).isLessThanOrEqualTo(TOLERANCE);
  }

  @Test
  void verify_cut_equalsWhole() {
    BackboneVerification verification = BackboneVerification.of(backbone, OnnxRuntime.shared(), 3);
    LOG.info("seed 3: {}", verification);
    assertThat(verification.passes()).isTrue();
    assertThat(verification.paddingError()).isCloseTo(0, within(1e-4));
  }

  @Test
  void span_ofTwoBlocks_equalsOneAfterTheOther() {
    OnnxRuntime runtime = OnnxRuntime.shared();
    SampleBatch batch = SampleBatch.ragged(new SplittableRandom(5), 2, 9, 1000, true);
    try (BackboneSessions sessions = BackboneSessions.open(backbone, runtime);
        var joined =
            runtime.open(ServingForm.of(backbone.span(1, 2)), SessionSettings.defaults())) {
      CutForward cut = new CutForward(sessions, runtime);
      Map<String, TensorData> start = cut.prologue(batch);
      TensorData apart =
          cut.block(
              2, cut.block(1, CutForward.require(start, Backbone.PROLOGUE_OUTPUT), start), start);
      Map<String, TensorData> inputs = new HashMap<>();
      joined.inputs().forEach(input -> inputs.computeIfAbsent(input.name(), start::get));
      inputs.put(Backbone.BLOCK_INPUT, CutForward.require(start, Backbone.PROLOGUE_OUTPUT));
      TensorData together =
          CutForward.require(
              CutForward.run(joined, inputs, List.of(Backbone.BLOCK_OUTPUT), runtime),
              Backbone.BLOCK_OUTPUT);
      // Values are up to 70: a few units in the last place.
      assertThat(together.toFloats()).containsExactly(apart.toFloats(), within(5e-5f));
    }
  }

  private static Encoding encode(BackboneTokenizer tokenizer, JsonNode reference) {
    JsonNode pair = reference.path("b");
    return tokenizer.encode(
        reference.path("a").asText(),
        pair.isTextual() ? pair.asText() : null,
        backbone.maxPositions());
  }

  private static double error(float[] hidden, int from, JsonNode expected) {
    double greatest = 0;
    for (int i = 0; i < expected.size(); i++) {
      greatest = Math.max(greatest, Math.abs(hidden[from + i] - expected.get(i).doubleValue()));
    }
    return greatest;
  }

  private static long[] longs(JsonNode values) {
    return StreamSupport.stream(values.spliterator(), false)
        .mapToLong(JsonNode::longValue)
        .toArray();
  }
}
