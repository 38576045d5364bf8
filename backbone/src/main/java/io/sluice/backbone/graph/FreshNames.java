package io.sluice.backbone.graph;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The names a graph has given out; makes new ones in constant time. Confined to one thread. */
final class FreshNames {
  private final Set<String> taken = new HashSet<>();
  private final Map<String, Integer> next = new HashMap<>();

  /** The hint itself if it is free, else the hint with the first free number; taken from now on. */
  String fresh(String hint) {
    if (taken.add(hint)) {
      return hint;
    }
    int number = next.getOrDefault(hint, 1);
    while (!taken.add(hint + "_" + number)) {
      number++;
    }
    next.put(hint, number + 1);
    return hint + "_" + number;
  }

  void reserve(String name) {
    taken.add(name);
  }
}
