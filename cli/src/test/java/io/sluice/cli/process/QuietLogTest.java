package io.sluice.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class QuietLogTest {
  private final Logger tasks = LoggerFactory.getLogger("io.sluice.tasks");

  @Test
  void begin_untilClose_warningsAreAllThereIs() {
    assertThat(tasks.isInfoEnabled()).isTrue();
    try (QuietLog quiet = QuietLog.begin()) {
      assertThat(quiet).isNotNull();
      assertThat(tasks.isInfoEnabled()).isFalse();
      assertThat(tasks.isWarnEnabled()).isTrue();
    }
    assertThat(tasks.isInfoEnabled()).isTrue();
  }

  @Test
  void begin_levelAskedFor_stays() {
    System.setProperty("sluice.log", "INFO");
    try (QuietLog quiet = QuietLog.begin()) {
      assertThat(quiet).isNotNull();
      assertThat(tasks.isInfoEnabled()).isTrue();
    } finally {
      System.clearProperty("sluice.log");
    }
  }
}
