import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A form with its slots filled. */
record Fact(Form form, Map<String, Entry> slots) {
  /** Slots that say what a statement is about. */
  private static final Set<String> TOPICS =
      Words.of(
              "act act2 thing thing2 item item2 place place2 need kit kit2 goods goods2 machine"
                  + " machine2")
          .with("event event2 role role2 line job job2 lend unit class do done");

  /** Words that two statements may share without being about the same. */
  private static final Set<String> COMMON =
      Words.of(
              "have with from your that this there they them must need only possible allowed"
                  + " people")
          .with("without cannot before after every other will does where when here come some more")
          .with("most each also their what than until still available euros euro day please free")
          .with("open closed closes bring leave take comes costs cost keep those these into over")
          .with("back used because use while during");

  /** Whether another statement has no word of this fact's topic. */
  boolean isApartFrom(Fact other, String said) {
    Set<String> topic = new HashSet<>();
    if (slots.isEmpty()) {
      form.lines().values().forEach(lines -> lines.forEach(l -> topic.addAll(stems(l))));
    }
    slots.forEach(
        (slot, entry) -> {
          if (TOPICS.contains(slot)) {
            entry.asked().forEach(n -> topic.addAll(stems(n.text())));
          }
        });
    return (form != other.form() || !slots.isEmpty())
        && stems(said).stream().noneMatch(topic::contains);
  }

  private static Set<String> stems(String text) {
    Set<String> stems = new HashSet<>();
    for (String word : text.toLowerCase(Locale.ROOT).split("[^a-z]+")) {
      if (word.length() > 3 && !COMMON.contains(word)) {
        stems.add(word.substring(0, Math.min(5, word.length() - (word.length() > 4 ? 1 : 0))));
      }
    }
    return stems;
  }
}
