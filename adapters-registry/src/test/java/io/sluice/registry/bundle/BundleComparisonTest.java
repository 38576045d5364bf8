package io.sluice.registry.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.sluice.registry.bundle.BundleComparison.Difference;
import io.sluice.registry.testing.TestingBundles;
import java.util.List;
import org.junit.jupiter.api.Test;

class BundleComparisonTest {
  @Test
  void of_sameContent_isEmpty() {
    assertThat(compare(TestingBundles.small().adaptAt(2, 4), TestingBundles.small().adaptAt(2, 4)))
        .isEmpty();
  }

  @Test
  void of_otherStructure_namesEachPointAndWhatItCosts() {
    List<Difference> differences =
        compare(
            TestingBundles.small().adaptAt(1, 2).adaptAt(2, 4),
            TestingBundles.small().adaptAt(2, 2).adaptAt(4, 4));
    assertThat(differences)
        .contains(
            new Difference("structure", "point 1", "bottleneck_sequential, rank 2", "-"),
            new Difference(
                "structure",
                "point 2",
                "bottleneck_sequential, rank 4",
                "bottleneck_sequential, rank 2"),
            new Difference("structure", "point 4", "-", "bottleneck_sequential, rank 4"),
            new Difference("cost", "trunk blocks", "1", "2"));
    assertThat(differences)
        .extracting(Difference::what)
        .contains("points/01.onnx", "points/02.onnx", "points/04.onnx")
        .doesNotContain("point 3", "head.onnx", "kind", "seed", "adapters");
  }

  @Test
  void of_otherWeightsOnly_saysSeedAndContents() {
    assertThat(
            compare(
                TestingBundles.small().seed(1).adaptAt(2, 4),
                TestingBundles.small().seed(2).adaptAt(2, 4)))
        .extracting(Difference::part, Difference::what)
        .containsExactly(
            tuple("origin", "seed"),
            tuple("contents", "head.onnx"),
            tuple("contents", "points/02.onnx"));
  }

  @Test
  void of_otherTask_saysLabelsTextsAndLimits() {
    assertThat(
            compare(
                TestingBundles.small(),
                TestingBundles.small()
                    .kind(TaskKind.ANSWER_BOOLEAN, "no", "maybe")
                    .textFields("question", "passage")
                    .maxTokens(32)))
        .contains(
            new Difference("task", "kind", "classify", "answer_boolean"),
            new Difference("task", "labels", "no, yes", "no, maybe"),
            new Difference("task", "texts", "text", "question, passage"),
            new Difference("task", "max tokens", "64", "32"));
  }

  @Test
  void of_reportOnOneSideOnly_isADifference() {
    assertThat(compare(TestingBundles.small(), TestingBundles.small().attach("report.html", "x")))
        .singleElement()
        .satisfies(
            difference -> {
              assertThat(difference.what()).isEqualTo("report.html");
              assertThat(difference.first()).isEqualTo("-");
              assertThat(difference.second()).endsWith(", 1 bytes");
            });
  }

  private static List<Difference> compare(TestingBundles a, TestingBundles b) {
    return BundleComparison.of(a.build(), b.build());
  }
}
