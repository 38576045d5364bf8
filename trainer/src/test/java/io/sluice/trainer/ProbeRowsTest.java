package io.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.Encoding;
import io.sluice.trainer.model.EncodedRows;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProbeRowsTest {
  @Test
  void of_manyRows_sixFromTheShortestToTheMedian() {
    long seed = 7;
    System.out.println("seed " + seed);
    int[] lengths = new Random(seed).ints(101, 3, 200).toArray();
    int[] sorted = IntStream.of(lengths).sorted().toArray();

    int[] chosen = ProbeRows.of(rows(lengths)).lengths();

    assertThat(chosen)
        .containsExactly(sorted[0], sorted[10], sorted[20], sorted[30], sorted[40], sorted[50]);
  }

  @Test
  void of_rowsOfOneLength_distinctRows() {
    EncodedRows chosen = ProbeRows.of(rows(IntStream.generate(() -> 9).limit(40).toArray()));

    assertThat(chosen.encodings().stream().map(row -> row.ids()[0]))
        .hasSize(6)
        .doesNotHaveDuplicates();
  }

  @Test
  void of_fewRows_theShorterHalf() {
    assertThat(ProbeRows.of(rows(5)).lengths()).containsExactly(5);
    assertThat(ProbeRows.of(rows(5, 3)).lengths()).containsExactly(3);
    assertThat(ProbeRows.of(rows(5, 3, 4)).lengths()).containsExactly(3, 4);
  }

  /** Rows of those lengths, each with its number as its first token. */
  private static EncodedRows rows(int... lengths) {
    List<Encoding> encodings =
        IntStream.range(0, lengths.length)
            .mapToObj(
                row -> {
                  long[] ids = new long[lengths[row]];
                  ids[0] = row;
                  return new Encoding(ids, new long[lengths[row]], false);
                })
            .toList();
    return new EncodedRows(encodings, new int[lengths.length]);
  }
}
