package io.sluice.trainer;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.util.ArrayList;
import java.util.List;

/** Everything that is out of range in one set of settings. Confined to one thread. */
final class SettingProblems {
  private final List<String> problems = new ArrayList<>();

  /**
   * Notes a problem unless something holds.
   *
   * @param found name and value, as {@code rank: 0}
   * @param expected what would have been in range
   */
  void require(boolean holds, String found, String expected) {
    if (!holds) {
      problems.add(found + " (expected: " + expected + ")");
    }
  }

  /**
   * Ends it if there are any.
   *
   * @throws SluiceException {@code INVALID_ARGUMENT} naming all of them
   */
  void throwIfAny() {
    if (!problems.isEmpty()) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "settings: " + String.join("; ", problems));
    }
  }
}
