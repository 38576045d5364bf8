package io.sluice.backbone.importer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DimRuleTest {
  @Test
  void fit_sizesThatFollowARule_predictsOthers() {
    assertPredicts((rows, tokens) -> 48);
    assertPredicts((rows, tokens) -> rows);
    assertPredicts((rows, tokens) -> tokens);
    assertPredicts((rows, tokens) -> 4 * rows);
    assertPredicts((rows, tokens) -> rows * tokens);
    assertPredicts((rows, tokens) -> 12 * rows * tokens);
    assertPredicts((rows, tokens) -> 2 * tokens - 1);
    assertPredicts((rows, tokens) -> tokens + 3);
  }

  @Test
  void fit_batchAndSequence_areTold() {
    assertThat(fit((rows, tokens) -> rows))
        .matches(rule -> rule != null && rule.isBatch() && !rule.isSeq());
    assertThat(fit((rows, tokens) -> tokens))
        .matches(rule -> rule != null && rule.isSeq() && !rule.isBatch());
    assertThat(fit((rows, tokens) -> tokens + 1)).matches(rule -> rule != null && !rule.isSeq());
  }

  @Test
  void fit_sizesThatFollowNoRule_isNull() {
    assertThat(fit((rows, tokens) -> tokens * tokens + rows)).isNull();
    assertThat(fit((rows, tokens) -> rows + 5)).isNull();
  }

  private static void assertPredicts(LongBinaryOperator size) {
    DimRule rule = fit(size);
    assertThat(rule).isNotNull();
    if (rule != null) {
      assertThat(rule.size(5, 33)).isEqualTo(size.applyAsLong(5, 33));
    }
  }

  private static @Nullable DimRule fit(LongBinaryOperator size) {
    ProbeSizes sizes = ProbeSizes.STANDARD;
    return DimRule.fit(
        sizes,
        size.applyAsLong(sizes.rows(), sizes.tokens()),
        size.applyAsLong(sizes.moreRows(), sizes.tokens()),
        size.applyAsLong(sizes.rows(), sizes.moreTokens()));
  }
}
