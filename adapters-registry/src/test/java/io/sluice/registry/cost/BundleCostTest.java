package io.sluice.registry.cost;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.Digest;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.TensorData;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.testing.TestingAdapters;
import io.sluice.registry.testing.TestingBundles;
import io.sluice.registry.testing.TestingCosts;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Against {@link TestingCosts}: a call 10 us, low-rank 4 at 32 tokens 24 us, rank 8 38 us. */
class BundleCostTest {
  private static final Offset<Double> EXACT = within(1e-9);

  private final CostTable prices = TestingCosts.table();

  @Test
  void of_twoPoints_addsACallAndWhatIsAboveItAtEach() {
    BundleCost cost = BundleCost.of(onPricedBackbone().manifest(), 32, prices);

    BundleCost.Time time = requireNonNull(cost.time(), "time");
    assertThat(time.adapterMicros()).isCloseTo(24 + 38, EXACT);
    assertThat(time.encoderMicros()).isCloseTo(300, EXACT);
    assertThat(time.totalMicros()).isCloseTo(362, EXACT);
    assertThat(cost.trunkBlocks()).isEqualTo(1);
  }

  @Test
  void of_headOfTheFirstToken_pricesTheEndForOneToken() {
    CostTable ending = TestingCosts.table(2, List.of(20.0, 30.0, 40.0));
    BundleCost cost = BundleCost.of(onPricedBackbone().manifest(), 32, ending);

    BundleCost.Time time = requireNonNull(cost.time(), "time");
    assertThat(time.encoderMicros()).isCloseTo(200 + 30, EXACT);
    // Rank 8 at one token, on the line through 24 at 16 and 38 at 32.
    assertThat(time.adapterMicros()).isCloseTo(24 + 24 - 14 * 15 / 16.0, EXACT);
  }

  @Test
  void of_anyBundle_countsWhatItsGraphsHold() {
    AdapterBundle bundle = onPricedBackbone();
    long numbers =
        bundle.points().values().stream().mapToLong(BundleCostTest::numbers).sum()
            + numbers(bundle.head());

    BundleCost cost = BundleCost.of(bundle.manifest(), 20, null);

    assertThat(cost.weightBytes()).isEqualTo(4 * numbers);
    assertThat(cost.flops())
        .isEqualTo(
            20 * bundle.manifest().cost().flopsPerToken() + bundle.manifest().head().flopsPerRow());
    assertThat(cost.time()).isNull();
  }

  @Test
  void of_kindOrBackboneWithoutPrices_hasNoTime() {
    AdapterBundle unknownKind = priced().adaptAt(1, "bottleneck_parallel", 4, adapter(4)).build();
    AdapterBundle elsewhere = TestingBundles.small().adaptAt(1, "low_rank", 4, adapter(4)).build();

    assertThat(BundleCost.of(unknownKind.manifest(), 32, prices).time()).isNull();
    assertThat(BundleCost.of(elsewhere.manifest(), 32, prices).time()).isNull();
  }

  @Test
  void of_noTokens_isRefused() {
    assertThatThrownBy(() -> BundleCost.of(onPricedBackbone().manifest(), 0, prices))
        .hasMessageContaining("tokens: 0 (expected: >= 1)");
  }

  private static AdapterBundle onPricedBackbone() {
    return priced()
        .adaptAt(1, "low_rank", 4, adapter(4))
        .adaptAt(2, "low_rank", 8, adapter(8))
        .build();
  }

  private static TestingBundles priced() {
    return TestingBundles.on(Digest.parse("sha256:" + "00".repeat(32)), "testing", 2, 8);
  }

  private static Graph adapter(int rank) {
    return TestingAdapters.sequential(8, rank, 0.1, new Random(1));
  }

  /** Floating point numbers that the graph holds. */
  private static long numbers(Graph graph) {
    return graph.initializers().values().stream()
        .filter(tensor -> tensor.type() == DataType.FLOAT)
        .mapToLong(TensorData::elements)
        .sum();
  }
}
