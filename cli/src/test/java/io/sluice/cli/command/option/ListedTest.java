package io.sluice.cli.command.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.SluiceException;
import io.sluice.trainer.model.AdapterForm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ListedTest {
  @Test
  void numbers_rangesAndNumbers_areAllOfThemOnce() {
    assertThat(Listed.numbers("points", "1-6,12")).containsExactly(1, 2, 3, 4, 5, 6, 12);
    assertThat(Listed.numbers("points", " 8 , 3 - 4, 4")).containsExactly(3, 4, 8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",", "1,", "a", "6-1", "1-", "-3", "1-99999", "1.5"})
  void numbers_anythingElse_isRefusedByName(String text) {
    assertThatThrownBy(() -> Listed.numbers("points", text))
        .isInstanceOf(SluiceException.class)
        .hasMessageStartingWith("points: " + text + " (expected: ");
  }

  @Test
  void forms_namesInEitherSpellingOrAll_areForms() {
    assertThat(Listed.forms("low-rank, SCALE_SHIFT"))
        .containsExactly(AdapterForm.LOW_RANK, AdapterForm.SCALE_SHIFT);
    assertThat(Listed.forms("all")).containsExactly(AdapterForm.values());
    assertThatThrownBy(() -> Listed.forms("lora"))
        .isInstanceOf(SluiceException.class)
        .hasMessage(
            "kinds: lora (expected: all, or some of bottleneck-sequential, bottleneck-parallel,"
                + " low-rank, scale-shift)");
  }
}
