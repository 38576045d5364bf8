package io.sluice.trainer.autodiff.vjp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The pad counts before and after each axis of a tensor, known or computed; zero where not said.
 */
final class Pads {

  private final Emitter e;
  private final int rank;
  private final long[] known;
  private final @Nullable String[] computed;

  Pads(Emitter e, int rank) {
    this.e = e;
    this.rank = rank;
    this.known = new long[2 * rank];
    this.computed = new @Nullable String[2 * rank];
  }

  void before(int axis, long count) {
    known[axis] = count;
  }

  void before(int axis, String count) {
    computed[axis] = count;
  }

  void after(int axis, long count) {
    known[rank + axis] = count;
  }

  void after(int axis, String count) {
    computed[rank + axis] = count;
  }

  /** The counts as the int64 vector that Pad takes. */
  String tensor() {
    if (Arrays.stream(computed).allMatch(Objects::isNull)) {
      return e.longs(known);
    }
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < known.length; i++) {
      String count = computed[i];
      parts.add(count == null ? e.longs(known[i]) : count);
    }
    return e.concat(parts, 0);
  }
}
