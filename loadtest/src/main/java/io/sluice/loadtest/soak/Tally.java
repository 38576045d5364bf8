package io.sluice.loadtest.soak;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.loadtest.Latencies;
import io.sluice.loadtest.vitals.Vitals;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/** How requests and changes have ended so far; keeps counts only. Thread-safe. */
final class Tally {
  private static final int KEPT = 20;

  @GuardedBy("this")
  private final Map<String, Map<String, Long>> ends = new TreeMap<>();

  @GuardedBy("this")
  private final Map<String, Long> changes = new TreeMap<>();

  @GuardedBy("this")
  private final List<String> unexpected = new ArrayList<>();

  @GuardedBy("this")
  private final Histogram latencies = Latencies.histogram();

  @GuardedBy("this")
  private long unexpectedCount;

  synchronized void ended(Traffic kind, String status, String detail) {
    ends.computeIfAbsent(kind.name(), name -> new TreeMap<>()).merge(status, 1L, Long::sum);
    if (!kind.mayEnd(status)) {
      unexpected(kind + ": " + status + " " + detail);
    }
  }

  synchronized void answered(long latencyNanos) {
    latencies.recordValue(Math.max(0, latencyNanos));
  }

  synchronized void changed(String what) {
    changes.merge(what, 1L, Long::sum);
  }

  synchronized void unexpected(String what) {
    unexpectedCount++;
    if (unexpected.size() < KEPT) {
      unexpected.add(what);
    }
  }

  synchronized SoakFound found(
      SoakSettings settings, double rate, List<Vitals> vitals, boolean alive) {
    return new SoakFound(
        settings,
        rate,
        ends,
        unexpected,
        unexpectedCount,
        changes,
        Latencies.of(latencies),
        vitals,
        alive);
  }
}
