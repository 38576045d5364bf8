package io.sluice.loadtest.floor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.loadtest.Exchange;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WholeCyclesTest {
  private static final long MILLI = 1_000_000;
  private static final Exchange.Reply REPLY = new Exchange.Reply("digest", 1, "label", 8, 0, 0, 0);

  @Test
  void perSecond_burstsCutByTheStretch_isTheRateOfTheBursts() {
    // A burst of 32 answers every 230 ms, 139.1 a second; the stretch holds three of them.
    List<Exchange> answers = bursts(32, 230, 10);
    assertThat(WholeCycles.perSecond(answers, 231 * MILLI, 1131 * MILLI))
        .isCloseTo(32 / 0.230, within(1e-6));
  }

  @Test
  void perSecond_clientsOfTheirOwnPace_addsTheirRates() {
    List<Exchange> answers = new ArrayList<>(answers(0, 10, 200));
    answers.addAll(answers(1, 40, 50));
    assertThat(WholeCycles.perSecond(answers, 5 * MILLI, 1005 * MILLI))
        .isCloseTo(100 + 25, within(1e-6));
  }

  @Test
  void perSecond_clockThatOverflows_isTheSame() {
    long begin = Long.MAX_VALUE - 500 * MILLI;
    List<Exchange> answers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      answers.add(answer(0, begin + i * 20L * MILLI));
    }
    assertThat(WholeCycles.perSecond(answers, begin, begin + 1000 * MILLI))
        .isCloseTo(50, within(1e-6));
  }

  @Test
  void perSecond_noWholeCycle_isNothing() {
    assertThat(WholeCycles.perSecond(answers(0, 100, 1), 0, 1000 * MILLI)).isZero();
    assertThat(WholeCycles.perSecond(List.of(), 0, 1000 * MILLI)).isZero();
  }

  private static List<Exchange> bursts(int clients, long everyMillis, int bursts) {
    List<Exchange> answers = new ArrayList<>();
    for (int client = 0; client < clients; client++) {
      answers.addAll(answers(client, everyMillis, bursts));
    }
    return answers;
  }

  private static List<Exchange> answers(int client, long everyMillis, int count) {
    List<Exchange> answers = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      answers.add(answer(client, i * everyMillis * MILLI));
    }
    return answers;
  }

  private static Exchange answer(int client, long receivedNanos) {
    return new Exchange(client, "task", receivedNanos, receivedNanos, receivedNanos, "OK", REPLY);
  }
}
