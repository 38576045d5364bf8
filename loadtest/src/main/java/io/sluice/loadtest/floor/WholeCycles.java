package io.sluice.loadtest.floor;

import io.sluice.loadtest.Exchange;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How fast clients that ask in a loop were answered in a stretch of time, counted in whole cycles.
 *
 * <p>Answers come in bursts, a batch each. A window of set length that holds a few of them counts
 * up to a batch too little or too much, while a plain session in a loop is measured from the end of
 * one call to the end of another. So is each client here: from its first answer in the stretch to
 * its first behind it, and the clients' rates are added up. Stateless.
 */
final class WholeCycles {
  private WholeCycles() {}

  /**
   * The sum of the clients' rates; 0 without a whole cycle.
   *
   * @param answers in any order, those before and behind the stretch included
   * @param beginNanos of the stretch
   * @param endNanos of the stretch
   */
  static double perSecond(List<Exchange> answers, long beginNanos, long endNanos) {
    Map<Integer, List<Exchange>> byClient =
        answers.stream()
            .filter(answer -> answer.receivedNanos() - beginNanos >= 0)
            .sorted(Comparator.comparingLong(answer -> answer.receivedNanos() - beginNanos))
            .collect(Collectors.groupingBy(Exchange::client));
    double perSecond = 0;
    for (List<Exchange> ofOne : byClient.values()) {
      int last = 0;
      while (last < ofOne.size() - 1 && ofOne.get(last).receivedNanos() - endNanos < 0) {
        last++;
      }
      if (last > 0) {
        perSecond += last * 1e9 / (ofOne.get(last).receivedNanos() - ofOne.get(0).receivedNanos());
      }
    }
    return perSecond;
  }
}
