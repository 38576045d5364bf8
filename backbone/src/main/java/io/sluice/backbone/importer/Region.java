package io.sluice.backbone.importer;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One stretch of the cut: the prologue (index 0), a block, or the epilogue. Mutable while the cut
 * is made.
 */
final class Region {
  final int index;

  /** The boundary this region starts from; null for the prologue. */
  final @Nullable String base;

  /** Hidden tensors that may be read here: the base, and what the region computes. */
  final Set<String> local = new HashSet<>();

  /**
   * Names, here, of the tensors outside the hidden flow, by their names in the graph that is cut.
   */
  final Map<String, String> names = new HashMap<>();

  Region(int index, @Nullable String base) {
    this.index = index;
    this.base = base;
    if (base != null) {
      local.add(base);
    }
  }

  boolean isPrologue() {
    return index == 0;
  }

  /** The name, here, of a copy of a tensor; the prologue keeps the names. */
  String nameOf(String tensor) {
    return isPrologue() || tensor.isEmpty() ? tensor : tensor + "@" + index;
  }

  /** The tensor whose first two axes are batch and sequence. */
  String sized() {
    return base == null ? InputRole.INPUT_IDS.canonicalName() : base;
  }
}
