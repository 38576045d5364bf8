import java.util.List;
import java.util.Map;

/**
 * What can be said of one kind of fact.
 *
 * @param place the only place that has it; empty: any
 * @param slots {@code name=kind}
 * @param lines by mark: A and B, or N for a fact with one side; ?A and ?B, or ?T and ?F
 */
record Form(String name, String place, List<String> slots, Map<String, List<String>> lines) {
  String family() {
    return name.replaceFirst("-.*", "");
  }

  boolean hasSides() {
    return lines.containsKey("A");
  }

  /** The slot that decides between singular and plural, and with a 2 the one behind it. */
  String first() {
    String slot = slots.isEmpty() ? "" : slots.get(0).replaceFirst("=.*", "");
    return slot.equals("quality") ? "thing" : slot;
  }
}
