package io.sluice.loadtest.swap;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.backbone.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * The activations of one task in order, beginning with what was active before the load. Whoever
 * swaps under load does it through this log, and nobody swaps beside it. Thread-safe; one
 * activation at a time.
 */
public final class ActivationLog {
  @GuardedBy("this")
  private final List<Activated> activations = new ArrayList<>();

  /**
   * @param active what answers now
   */
  public ActivationLog(Digest active) {
    requireNonNull(active, "active");
    long now = System.nanoTime();
    activations.add(new Activated(active, now, now));
  }

  /**
   * Makes an activation and writes it down. One that throws is not written down: it must have left
   * the bundle active that was.
   *
   * @param activation calls the server and tells the bundle that answers from now on
   */
  public synchronized Activated activate(Callable<Digest> activation) throws Exception {
    long requested = System.nanoTime();
    Digest digest = activation.call();
    Activated made = new Activated(digest, requested, System.nanoTime());
    activations.add(made);
    return made;
  }

  /** What was active first, then all activations, in order. */
  public synchronized List<Activated> activations() {
    return List.copyOf(activations);
  }
}
