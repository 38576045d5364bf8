package io.sluice.backbone.importer;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InputRoleTest {
  @ParameterizedTest
  @CsvSource({
    "input_ids, INPUT_IDS",
    "input_ids:0, INPUT_IDS",
    "input_ids.1, INPUT_IDS",
    "inputIds, INPUT_IDS",
    "input_word_ids, INPUT_IDS",
    "attention_mask, ATTENTION_MASK",
    "input_mask:0, ATTENTION_MASK",
    "token_type_ids, TOKEN_TYPE_IDS",
    "segment_ids:0, TOKEN_TYPE_IDS",
    "input_type_ids, TOKEN_TYPE_IDS",
    "position_ids, POSITION_IDS",
    "pixel_values,",
    "decoder_input_ids,"
  })
  void of_exportersNames_tellsRole(String name, @Nullable InputRole role) {
    assertThat(InputRole.of(name)).isEqualTo(role);
  }
}
