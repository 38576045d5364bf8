package io.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.server.engine.EngineSettings;
import io.sluice.server.testing.MergedModel;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.SharedServer;
import io.sluice.server.testing.TestingBackbone;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server whose backbone is in 8 bits. */
@Timeout(60)
class Int8ServerTest {
  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = TestingBackbone.create();
  private static final ServedBundles bundles = new ServedBundles(backbone, runtime);

  @RegisterExtension
  static final SharedServer shared =
      new SharedServer(
          backbone,
          ServerSettings.defaults()
              .withEngine(EngineSettings.defaults().withPrecision(Precision.INT8)),
          runtime);

  private static RunningServer server;

  @BeforeAll
  static void start() {
    server = shared.get();
  }

  @Test
  void classify_bundleTrainedIn32Bits_answersAlmostAsThere() {
    AdapterBundle bundle = bundles.bundle(1, 2);
    server.activate("rounded", bundle);
    double largest = 0;
    try (MergedModel oracle = bundles.oracle(bundle);
        BackboneTokenizer tokenizer = new BackboneTokenizer(backbone)) {
      for (int seed = 0; seed < 10; seed++) {
        String text = TestingBackbone.text(new Random(seed), 8);
        Encoding encoding = tokenizer.encode(text, null, 64);
        float[] logits = oracle.logits(encoding.ids(), encoding.typeIds());
        double expected = 1 / (1 + Math.exp((double) logits[0] - logits[1]));
        double found = ask("rounded", text).getScores(1).getScore();
        assertThat(found).as("seed %d", seed).isCloseTo(expected, within(0.1));
        largest = Math.max(largest, Math.abs(found - expected));
      }
    }
    assertThat(largest).as("8 bits leave a trace").isGreaterThan(1e-6);
  }

  @Test
  void classify_manyAtOnce_equalOneByOne() {
    server.activate("first", bundles.bundle(1, 1));
    server.activate("second", bundles.bundle(2, 4));
    List<String> texts =
        IntStream.range(0, 60)
            .mapToObj(i -> TestingBackbone.text(new Random(i), 1 + i % 8))
            .toList();
    List<CompletableFuture<ClassifyReply>> together = new ArrayList<>();
    for (String text : texts) {
      together.add(CompletableFuture.supplyAsync(() -> ask(task(text), text)));
    }
    for (int i = 0; i < texts.size(); i++) {
      assertThat((double) together.get(i).join().getScores(0).getScore())
          .isCloseTo(ask(task(texts.get(i)), texts.get(i)).getScores(0).getScore(), within(1e-5));
    }
  }

  @Test
  void activate_bundleWithAnothersProbe_isRefused() {
    AdapterBundle drifting =
        bundles.builder().seed(2).adaptAt(1, 4).probe(bundles.bundle(7, 1).probe()).build();
    assertThatThrownBy(() -> server.activate("drifting", drifting))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refusal ->
                assertThat(refusal.getStatus().getCode())
                    .isEqualTo(Status.Code.FAILED_PRECONDITION))
        .hasMessageContaining("drift from the probe vectors")
        .hasMessageContaining("INT8");
  }

  private static String task(String text) {
    return text.length() % 2 == 0 ? "first" : "second";
  }

  private static ClassifyReply ask(String task, String text) {
    return server
        .inference()
        .classify(ClassifyRequest.newBuilder().setTask(task).setText(text).build());
  }
}
