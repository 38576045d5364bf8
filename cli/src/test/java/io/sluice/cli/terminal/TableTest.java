package io.sluice.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TableTest {
  @Test
  void lines_twoRows_alignsEachColumnAsItsHeaderSays() {
    Table table = new Table("name", "count>").row("a", 1).row("longer", 1200);

    assertThat(table.lines())
        .containsExactly("name    count", "------  -----", "a           1", "longer   1200");
  }

  @Test
  void row_tooFewCells_isRefused() {
    assertThatThrownBy(() -> new Table("a", "b").row("only"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cells: 1 (expected: 2)");
  }

  @Test
  void of_sharesFromNoneToAll_growsFromDotToFullBlock() {
    assertThat(Blocks.of(0, 0.06, 0.5, 1)).isEqualTo("·▁▅█");
    assertThat(Blocks.of(Double.NaN)).isEqualTo("·");
  }

  @Test
  void quantities_ofAllSizes_readAsPeopleWriteThem() {
    assertThat(Quantities.count(812)).isEqualTo("812");
    assertThat(Quantities.count(13_512_345)).isEqualTo("13.5 M");
    assertThat(Quantities.bytes(1536)).isEqualTo("1.5 KiB");
    assertThat(Quantities.percent(0.014)).isEqualTo("1.40 %");
    assertThat(Quantities.millis(1_234_567)).isEqualTo("1.23 ms");
  }
}
