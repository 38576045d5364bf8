package io.sluice.loadtest.swap;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.loadtest.Exchange;
import io.sluice.loadtest.testing.TestingServer;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class PhaseTest {
  private static final List<Activated> SWAPS = List.of(swap(100, 110), swap(200, 220));

  private final Function<Exchange, Phase> phases = Phase.among(SWAPS);

  @Test
  void among_endsBeforeTheFirstRequest_isBefore() {
    assertThat(phase(50, 99)).isEqualTo(Phase.BEFORE);
  }

  @Test
  void among_overlapsAnActivation_isDuring() {
    assertThat(phase(50, 100)).isEqualTo(Phase.DURING);
    assertThat(phase(105, 106)).isEqualTo(Phase.DURING);
    assertThat(phase(110, 130)).isEqualTo(Phase.DURING);
    assertThat(phase(50, 500)).isEqualTo(Phase.DURING);
    assertThat(phase(150, 205)).isEqualTo(Phase.DURING);
  }

  @Test
  void among_betweenAndBehindActivations_isAfter() {
    assertThat(phase(111, 199)).isEqualTo(Phase.AFTER);
    assertThat(phase(221, 300)).isEqualTo(Phase.AFTER);
  }

  @Test
  void among_noActivation_isBefore() {
    assertThat(Phase.among(List.of()).apply(exchange(1, 2))).isEqualTo(Phase.BEFORE);
  }

  private Phase phase(long sent, long received) {
    return phases.apply(exchange(sent, received));
  }

  private static Exchange exchange(long sent, long received) {
    return new Exchange(0, "task", sent, sent, received, "CANCELLED", null);
  }

  private static Activated swap(long requested, long confirmed) {
    return new Activated(TestingServer.digest("any"), requested, confirmed);
  }
}
