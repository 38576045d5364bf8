package io.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.BundleCost;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.DescribeReply;
import io.sluice.proto.v1.DescribeRequest;
import io.sluice.proto.v1.PredictedTime;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.cost.CostTable;
import io.sluice.registry.testing.TestingAdapters;
import io.sluice.server.activation.CostSettings;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.TestingBackbone;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * By a table with round figures: at 16 and 64 tokens a block takes 100 and 400 us, a call 10, a
 * bottleneck of rank 4 with its call 30 and 50. So at 64 tokens the encoder takes 1,600 us and
 * every adapted point adds 50.
 */
@Timeout(60)
class BundleCostTest {
  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = TestingBackbone.create();
  private static final ServedBundles bundles = new ServedBundles(backbone, runtime);
  private static final AdapterBundle TWO_POINTS = bundles.bundle(1, 1, 3);
  private static final long BYTES = 4 * TWO_POINTS.manifest().cost().parameters();
  private static final Offset<Double> EXACT = within(1e-9);

  @TempDir private Path directory;
  private RunningServer server;

  @BeforeEach
  void start() {
    server = server(new CostSettings(prices(), 2 * BYTES, 1_750.0));
    server.activate("task", TWO_POINTS);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void describe_activeBundle_tellsItsCostByTheGraphsAndThePrices() {
    DescribeReply reply = describe("task");

    assertThat(reply.getTask().getActiveDigest()).isEqualTo(TWO_POINTS.digest().toString());
    assertThat(reply.getPoints()).isEqualTo(TestingBackbone.POINTS);
    BundleCost cost = reply.getCost();
    assertThat(cost.getWeightBytes()).isEqualTo(BYTES);
    assertThat(cost.getFlopsPerToken()).isEqualTo(TWO_POINTS.manifest().cost().flopsPerToken());
    assertThat(cost.getFlopsPerRow()).isEqualTo(TWO_POINTS.manifest().head().flopsPerRow());
    assertThat(cost.getTimesList()).extracting(PredictedTime::getTokens).containsExactly(16, 64);
    assertThat(cost.getTimes(0).getEncoderMicros()).isCloseTo(400, EXACT);
    assertThat(cost.getTimes(0).getAdapterMicros()).isCloseTo(60, EXACT);
    assertThat(cost.getTimes(1).getEncoderMicros()).isCloseTo(1_600, EXACT);
    assertThat(cost.getTimes(1).getAdapterMicros()).isCloseTo(100, EXACT);
    assertThatThrownBy(() -> describe("nobody")).hasMessageContaining("NOT_FOUND");
  }

  @Test
  void activate_bundleOverALimit_isRefusedAndTheOldOneServesOn() {
    refused(
        bundles.bundle(2, 1, 2, 3, 4),
        "predicted latency: 1800 us for a row of 64 tokens, 200 of them its adapters'"
            + " (expected: at most 1750, max-bundle-latency-us)");
    AdapterBundle large = bundles.proven(bundles.builder().seed(3).adaptAt(1, 64));
    refused(
        large,
        "weights: "
            + 4 * large.manifest().cost().parameters()
            + " bytes (expected: at most "
            + 2 * BYTES
            + ", max-bundle-bytes)");
    AdapterBundle strange =
        bundles.proven(
            bundles
                .builder()
                .adaptAt(
                    2,
                    "strange",
                    4,
                    TestingAdapters.sequential(TestingBackbone.HIDDEN, 4, 1, new Random(1))));
    refused(
        strange,
        "predicted latency: none, as adapters [strange] are not all priced (expected: prices of"
            + " this backbone with each of them, max-bundle-latency-us)");
  }

  @Test
  void start_limitBelowWhatIsActive_taskDoesNotServe() {
    server.close();
    server = server(new CostSettings(prices(), null, 1_650.0));
    assertThatThrownBy(() -> answeredBy("task")).hasMessageContaining("NOT_FOUND");
    assertThat(describe("task").hasCost()).isFalse();

    server.close();
    server = server(CostSettings.any());
    assertThat(answeredBy("task")).isEqualTo(TWO_POINTS.digest().toString());
    assertThat(describe("task").getCost().getTimesList()).isEmpty();
    assertThat(describe("task").getCost().getWeightBytes()).isEqualTo(BYTES);
  }

  @Test
  void settings_thatCannotHold_areRefused() {
    assertThatThrownBy(() -> new CostSettings(null, null, 5.0))
        .hasMessageContaining("max-bundle-latency-us: 5.0 without prices (expected: costs");
    assertThatThrownBy(() -> new CostSettings(prices(), null, 0.0))
        .hasMessage("max-bundle-latency-us: 0.0 (expected: above 0)");
    assertThatThrownBy(() -> new CostSettings(null, 0L, null))
        .hasMessage("max-bundle-bytes: 0 (expected: 1 or more)");
  }

  private void refused(AdapterBundle bundle, String text) {
    assertThatThrownBy(() -> server.activate("task", bundle))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
              assertThat(e.getStatus().getDescription())
                  .isEqualTo("bundle " + bundle.digest().shortForm() + ": " + text);
            });
    assertThat(answeredBy("task")).isEqualTo(TWO_POINTS.digest().toString());
    assertThat(describe("task").getTask().getRevisionsCount()).isEqualTo(1);
  }

  private RunningServer server(CostSettings costs) {
    return new RunningServer(
        directory, backbone, ServerSettings.defaults().withBundleCosts(costs), runtime);
  }

  private DescribeReply describe(String task) {
    return server.adapters().describe(DescribeRequest.newBuilder().setTask(task).build());
  }

  private String answeredBy(String task) {
    return server
        .inference()
        .classify(ClassifyRequest.newBuilder().setTask(task).setText("good").build())
        .getInfo()
        .getBundleDigest();
  }

  private static CostTable prices() {
    return new CostTable(
        CostTable.VERSION,
        backbone.digest().hex(),
        backbone.name(),
        backbone.hiddenSize(),
        Precision.FP32,
        "cpu",
        new CostTable.Machine("Linux", "amd64", 2, 2, "JVM", "1"),
        List.of(16, 64),
        Collections.nCopies(TestingBackbone.POINTS, List.of(100.0, 400.0)),
        TestingBackbone.POINTS + 1,
        List.of(0.0, 0.0),
        List.of(10.0, 10.0),
        List.of(new CostTable.Adapter("bottleneck_sequential", 4, List.of(30.0, 50.0))));
  }
}
