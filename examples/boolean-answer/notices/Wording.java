import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Puts facts into words, by chance one way or another. */
final class Wording {
  private static final Pattern CHOICE = Pattern.compile("\\(([^()]*)\\)");
  private static final Pattern OBJECT =
      Pattern.compile("\\{do} ((?:(?:all|other|any) )?\\{(?:x|y|class)})");
  private static final Pattern SLOT = Pattern.compile("\\{(\\w+)}");
  private static final List<String> PRICES =
      List.of(
          "two euros",
          "5 euros",
          "three euros",
          "€4",
          "€2.50",
          "1.50 euros",
          "fifty cents",
          "ten euros",
          "6 euros",
          "a small fee",
          "eight euros",
          "12 euros",
          "one euro",
          "€1",
          "7 pounds",
          "a few euros");
  private static final List<String> OPENINGS =
      List.of(
          "Please note: ",
          "Note that ",
          "Until further notice, ",
          "As before, ",
          "From this week on, ",
          "Good to know: ",
          "This year, ",
          "As a rule, ",
          "For your information: ",
          "News: ");

  private final Vocabulary vocabulary;
  private final Dice dice;

  Wording(Vocabulary vocabulary, Dice dice) {
    this.vocabulary = vocabulary;
    this.dice = dice;
  }

  /** A statement with that mark. */
  String say(Fact fact, String mark, Place place) {
    String said = render(dice.pick(fact.form().lines().get(mark)), fact, place, false);
    StringBuilder text = new StringBuilder();
    for (String sentence : said.split("(?<=\\.) ")) {
      text.append(text.isEmpty() ? "" : " ").append(upper(sentence));
    }
    return dice.nextInt(12) == 0 ? dice.pick(OPENINGS) + lower(text.toString()) : text.toString();
  }

  /** A question with that mark, written as people write it. */
  String ask(Fact fact, String mark, Place place) {
    String asked = render(dice.pick(fact.form().lines().get(mark)), fact, place, true);
    return switch (dice.nextInt(10)) {
      case 0, 1, 2 -> upper(asked) + "?";
      case 3 -> asked + "?";
      default -> asked;
    };
  }

  private String render(String line, Fact fact, Place place, boolean asks) {
    Map<String, Name> names = new HashMap<>();
    for (Map.Entry<String, Entry> slot : new TreeMap<>(fact.slots()).entrySet()) {
      names.put(slot.getKey(), dice.pick(asks ? slot.getValue().asked() : slot.getValue().said()));
    }
    names.put("people", dice.pick(Entry.of(vocabulary.word(place, "people", dice)).said()));
    names.put("price", new Name(dice.pick(PRICES), true));
    for (String slot : List.of("event", "line")) {
      if (names.containsKey(slot)) {
        String bare = names.get(slot).text().replaceFirst("^the ", "");
        names.put(slot + "0", new Name(bare, false));
        names.put(slot + "1", new Name(article(bare), false));
      }
    }
    String first = fact.form().first();
    String around = around(line, names);
    String text = agree(around, "\\[([^|\\]]*)\\|([^\\]]*)]", names.get(first));
    text = agree(text, "<([^|>]*)\\|([^>]*)>", names.get(first + "2"));
    for (Matcher m = CHOICE.matcher(text); m.find(); m = CHOICE.matcher(text)) {
      String chosen = dice.pick(List.of(m.group(1).split("\\|", -1)));
      text = text.substring(0, m.start()) + chosen + text.substring(m.end());
    }
    String whose = whose(text, asks);
    return SLOT.matcher(text)
        .replaceAll(m -> Matcher.quoteReplacement(name(m.group(1).toLowerCase(Locale.ROOT), names)))
        .replace("@", whose)
        .replaceAll(" +", " ")
        .replaceAll(" ([.,;])", "$1")
        .strip();
  }

  /** What is done around its object: park vans here, not park here vans. */
  private static String around(String line, Map<String, Name> names) {
    Name name = names.get("do");
    if (name == null || !name.text().contains(" ") || name.text().endsWith("with")) {
      return line;
    }
    String[] parts = name.text().split(" ", 2);
    return OBJECT.matcher(line).replaceAll(parts[0] + " $1 " + parts[1]);
  }

  private static String article(String bare) {
    return ("aeiou".indexOf(bare.charAt(0)) >= 0 ? "an " : "a ") + bare;
  }

  private static String name(String slot, Map<String, Name> names) {
    Name name = names.get(slot);
    return name != null ? name.text() : Gerund.of(names.get(slot.replaceFirst("ing", "")).text());
  }

  private static String agree(String text, String pattern, Name name) {
    return Pattern.compile(pattern)
        .matcher(text)
        .replaceAll(m -> Matcher.quoteReplacement(m.group(name != null && name.plural() ? 2 : 1)));
  }

  /** What {@code @} stands for: who the sentence is about decides. */
  private static String whose(String text, boolean asks) {
    Set<String> words = new HashSet<>(List.of(text.toLowerCase(Locale.ROOT).split("[^a-z{}]+")));
    for (String third :
        List.of(
            "{people}",
            "{g}",
            "{h}",
            "nobody",
            "everybody",
            "anyone",
            "somebody",
            "one",
            "everyone",
            "people",
            "child",
            "children",
            "old")) {
      if (words.contains(third)) {
        return "their";
      }
    }
    return !asks ? "your" : words.contains("we") || words.contains("us") ? "our" : "my";
  }

  private static String upper(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }

  /** Its first letter a small one. */
  static String lower(String text) {
    return text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
  }
}
