package io.sluice.trainer;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.Digest;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What runs over the same rows have in common, made by the first of them and kept for the others:
 * the rows as the backbone reads them, and the linear probe on them, which no seed decides. Holds
 * all of it as long as it lives. Thread-safe: of runs that begin together one makes it and the
 * others wait.
 */
public final class SharedRows {
  private final Map<Key, Slot> slots = new ConcurrentHashMap<>();

  /** All that it is a function of besides the runtime. */
  private record Key(Digest backbone, Digest data, Map<String, String> task) {}

  /**
   * What is kept.
   *
   * @param rows as the backbone reads them
   * @param start the probe, and the head to start from
   */
  record Made(EncodedTask rows, HeadStart start) {
    /** With weights of its own. */
    Made copy() {
      return new Made(rows, new HeadStart(start.head(), start.map().clone(), start.dev()));
    }
  }

  /** Made once; if making it fails, the next tries. */
  private static final class Slot {
    private @Nullable Made made;

    synchronized Made get(Supplier<Made> make) {
      Made known = made;
      if (known == null) {
        known = make.get();
        made = known;
      }
      return known.copy();
    }
  }

  Made of(Backbone backbone, TaskData data, TaskSettings settings, Supplier<Made> make) {
    Map<String, String> task = new TreeMap<>();
    settings.describe(task);
    Key key = new Key(backbone.digest(), data.digest(), Map.copyOf(task));
    return slots.computeIfAbsent(key, absent -> new Slot()).get(make);
  }
}
