package io.sluice.loadtest.swap;

import io.sluice.loadtest.Exchange;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Where an exchange lies in time, seen from the activations. */
public enum Phase {
  /** Over before the first activation was asked for. */
  BEFORE,
  /** Under way while an activation was. */
  DURING,
  /** After some activation, and not under way while another was. */
  AFTER;

  /**
   * Tells the phase of each exchange.
   *
   * @param activations of the script, in order and one after another; what was active first is not
   *     among them
   */
  public static Function<Exchange, Phase> among(List<Activated> activations) {
    NavigableMap<Long, Activated> byRequest =
        activations.stream()
            .collect(
                Collectors.toMap(
                    Activated::requestedNanos,
                    Function.identity(),
                    (first, second) -> second,
                    TreeMap::new));
    return exchange -> {
      Map.Entry<Long, Activated> last = byRequest.floorEntry(exchange.receivedNanos());
      if (last == null) {
        return BEFORE;
      }
      // Activations do not overlap, so the last one requested is the last one confirmed.
      return last.getValue().confirmedNanos() >= exchange.intendedNanos() ? DURING : AFTER;
    };
  }
}
