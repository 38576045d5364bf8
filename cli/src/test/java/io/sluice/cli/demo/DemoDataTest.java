package io.sluice.cli.demo;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.trainer.data.Example;
import io.sluice.trainer.data.Split;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoDataTest {
  @TempDir Path directory;
  private Split rows;

  @BeforeEach
  void read() {
    rows = DemoData.rows(directory);
  }

  @Test
  void rows_bothParts_areBalanced() {
    assertThat(countByLabel(rows.train().examples())).hasSize(6).containsValue(160L);
    assertThat(new HashSet<>(countByLabel(rows.train().examples()).values())).hasSize(1);
    assertThat(countByLabel(rows.dev().examples())).hasSize(6).containsValue(62L);
    assertThat(new HashSet<>(countByLabel(rows.dev().examples()).values())).hasSize(1);
  }

  @Test
  void rows_devAgainstTrain_noneIsANearDuplicate() {
    for (Example dev : rows.dev().examples()) {
      for (Example train : rows.train().examples()) {
        assertThat(overlap(dev.text(), train.text()))
            .as("%s / %s", dev.text(), train.text())
            .isLessThanOrEqualTo(0.4);
      }
    }
  }

  @Test
  void questions_againstAllRows_areNew() {
    for (String question : DemoData.QUESTIONS) {
      for (Split part : List.of(rows)) {
        for (Example row : part.train().examples()) {
          assertThat(overlap(question, row.text())).as("%s", row.text()).isLessThan(0.4);
        }
        for (Example row : part.dev().examples()) {
          assertThat(overlap(question, row.text())).as("%s", row.text()).isLessThan(0.4);
        }
      }
    }
  }

  private static Map<String, Long> countByLabel(List<Example> rows) {
    return rows.stream().collect(groupingBy(Example::label, counting()));
  }

  /** Jaccard overlap of the words of two texts. */
  private static double overlap(String left, String right) {
    Set<String> shared = words(left);
    Set<String> all = words(left);
    shared.retainAll(words(right));
    all.addAll(words(right));
    return (double) shared.size() / all.size();
  }

  private static Set<String> words(String text) {
    return new HashSet<>(Arrays.asList(text.toLowerCase(Locale.ROOT).split("[^a-z0-9']+")));
  }
}
