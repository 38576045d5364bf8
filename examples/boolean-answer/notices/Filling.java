import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Fills the slots of forms by chance. */
final class Filling {
  private static final List<String> NUMBERS =
      List.of(
          ("no one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
                  + " fifteen sixteen seventeen eighteen nineteen twenty")
              .split(" "));

  private final Vocabulary vocabulary;
  private final Dice dice;

  Filling(Vocabulary vocabulary, Dice dice) {
    this.vocabulary = vocabulary;
    this.dice = dice;
  }

  /** The slots of a form, each with one thing that suits the place. */
  Map<String, Entry> fill(Form form, Place place) {
    Map<String, Entry> slots = new HashMap<>();
    Set<String> used = new HashSet<>();
    for (String slot : form.slots()) {
      String kind = slot.replaceFirst(".*=", "");
      switch (kind) {
        case "scope" ->
            scope(
                slots,
                dice.nextInt(3) == 0
                    ? spots(place)
                    : dice.pick(vocabulary.everywhere().of("when")));
        case "when" -> scope(slots, dice.pick(vocabulary.everywhere().of("when")));
        case "cond" -> pair(slots, dice.pick(vocabulary.everywhere().of("cond")), "x", "y");
        case "group" -> {
          boolean isFirst = dice.nextBoolean();
          pair(
              slots,
              vocabulary.word(place, "group", dice),
              isFirst ? "g" : "h",
              isFirst ? "h" : "g");
        }
        case "use" -> use(slots, used, "");
        case "use2" -> use(slots, used, "2");
        case "alt" -> members(slots, dice.pick(vocabulary.everywhere().of("alt")), List.of("verb"));
        case "quality" -> quality(slots);
        case "class" ->
            members(
                slots,
                dice.pick(vocabulary.everywhere().of("class")),
                List.of("do", "done", "class"));
        case "hours" -> hours(slots);
        case "number" -> number(slots, "n", 3 + dice.nextInt(10), "less", "more");
        case "age" -> number(slots, "age", 4 + dice.nextInt(9), "younger", "older");
        default -> {
          String chosen;
          do {
            chosen = vocabulary.word(place, dice.pick(List.of(kind.split("\\|"))), dice);
          } while (!used.add(chosen));
          slots.put(slot.replaceFirst("=.*", ""), Entry.of(chosen));
        }
      }
    }
    return slots;
  }

  /** A thing and what one does with it. */
  private void use(Map<String, Entry> slots, Set<String> used, String suffix) {
    String chosen;
    do {
      chosen = dice.pick(vocabulary.everywhere().of("use"));
    } while (!used.add(chosen));
    pair(slots, chosen, "item" + suffix, "act" + suffix);
    String item = slots.get("item" + suffix).said().get(0).text();
    slots.put("bare" + suffix, Entry.of(item.replaceFirst("^an? ", "")));
  }

  /** Two things and two adjectives, one the opposite of the other. */
  private void quality(Map<String, Entry> slots) {
    String[] parts = dice.pick(vocabulary.everywhere().of("quality")).split("\\|");
    List<String> things = new ArrayList<>(List.of(parts[0].split(";")));
    Collections.shuffle(things, dice);
    slots.put("thing", Entry.of(things.get(0)));
    slots.put("thing2", Entry.of(things.get(1)));
    boolean isFirst = dice.nextBoolean();
    slots.put("x", Entry.of(parts[isFirst ? 1 : 2]));
    slots.put("y", Entry.of(parts[isFirst ? 2 : 1]));
  }

  private String spots(Place place) {
    return "everywhere ~ anywhere; nowhere else; elsewhere ~ anywhere else|"
        + vocabulary.word(place, "spot", dice);
  }

  private void scope(Map<String, Entry> slots, String text) {
    members(slots, text, List.of("all", "never", "otherwise"));
  }

  /** What goes for all members into the slots named, and two members into x and y. */
  private void members(Map<String, Entry> slots, String text, List<String> names) {
    String[] parts = text.split("\\|");
    String[] rest = parts[0].split(";");
    for (int i = 0; i < names.size(); i++) {
      slots.put(names.get(i), Entry.of(rest[i]));
    }
    int count = parts.length - 1;
    int x = dice.nextInt(count);
    int y = (x + 1 + dice.nextInt(count - 1)) % count;
    slots.put("x", Entry.of(parts[1 + x]));
    slots.put("y", Entry.of(parts[1 + y]));
  }

  private static void pair(Map<String, Entry> slots, String text, String one, String other) {
    String[] parts = text.split("\\|");
    slots.put(one, Entry.of(parts[0]));
    slots.put(other, Entry.of(parts[1]));
  }

  private void hours(Map<String, Entry> slots) {
    int from = 6 + dice.nextInt(6);
    int to = 14 + dice.nextInt(8);
    int late = Math.min(23, to + 1 + dice.nextInt(3));
    int out = dice.nextInt(3) == 0 ? from - 1 - dice.nextInt(2) : late;
    slots.put("from", Entry.of(clock(from, true)));
    slots.put("to", Entry.of(clock(to, true)));
    slots.put("in", Entry.of(clock(from + 1 + dice.nextInt(to - from - 1), false)));
    slots.put("out", Entry.of(clock(out, false)));
    slots.put("late", Entry.of(clock(late, false)));
  }

  private static List<String> clock(int hour, boolean isShort) {
    if (hour == 12) {
      return List.of("noon", "noon", "12 o'clock", "midday");
    }
    int twelve = (hour + 11) % 12 + 1;
    String part = hour < 12 ? "in the morning" : hour < 18 ? "in the afternoon" : "in the evening";
    String word = NUMBERS.get(twelve);
    List<String> names = new ArrayList<>();
    names.add(twelve + (hour < 12 ? " am" : " pm"));
    names.add(word + " " + part);
    names.add(twelve + " " + part);
    if (isShort) {
      names.addAll(List.of(word, word, word, "" + twelve, hour + ":00"));
    }
    return names;
  }

  private void number(Map<String, Entry> slots, String name, int n, String less, String more) {
    slots.put(name, count(n));
    slots.put(less, count(2 + dice.nextInt(n - 2)));
    slots.put(more, count(n + 1 + dice.nextInt(5)));
  }

  private static Entry count(int n) {
    return Entry.of(List.of(NUMBERS.get(n), NUMBERS.get(n), "" + n));
  }
}
