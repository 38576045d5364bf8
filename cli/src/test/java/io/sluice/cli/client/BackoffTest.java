package io.sluice.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5), 3);

  @Test
  void delay_moreFailures_doublesUpToTheBound() {
    assertThat(backoff.delay(1, Duration.ZERO)).isEqualTo(Duration.ofMillis(100));
    assertThat(backoff.delay(4, Duration.ZERO)).isEqualTo(Duration.ofMillis(800));
    assertThat(backoff.delay(1000, Duration.ZERO)).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void delay_serverAsksForMore_isThatUpToTheBound() {
    assertThat(backoff.delay(1, Duration.ofSeconds(2))).isEqualTo(Duration.ofSeconds(2));
    assertThat(backoff.delay(1, Duration.ofHours(1))).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void allows_asManyTriesAsThereAre() {
    assertThat(backoff.allows(3)).isTrue();
    assertThat(backoff.allows(4)).isFalse();
  }
}
