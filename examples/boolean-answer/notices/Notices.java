import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A writer of rows for {@code boolean-answer}: notices of one to three statements, each with
 * questions that one of the statements decides. What it can say is in the files beside it: {@code
 * forms.txt} has statements and questions with slots, {@code places.txt} the words for the slots,
 * {@code facts.txt} statements and questions without slots.
 *
 * <p>A fact has two sides, A and B. Rows come in fours: two notices that differ in the side of one
 * fact, and two questions, one that A makes true and one that B makes true. So each question has
 * yes as often as no. Were all rows like that, each notice would have too, and neither text alone
 * would tell anything: that is learned as well, but from more rows. Therefore half of the facts are
 * asked about from side A only: two rows in which what the notice says decides. The same seed gives
 * the same rows.
 */
public final class Notices {
  private static final int MOST_WORDS = 40;

  /** How often a fact is asked about from side A only, so that A alone makes yes likelier. */
  private static final int SLANTED_PERCENT = 50;

  /** How often a notice says nothing but the fact. */
  private static final int BARE_PERCENT = 30;

  /** How often a fact is one of {@code facts.txt}. */
  private static final int FACTS_PERCENT = 60;

  private static final Pattern CHOICE = Pattern.compile("\\(([^()]*)\\)");
  private static final Pattern OBJECT =
      Pattern.compile("\\{do} ((?:(?:all|other|any) )?\\{(?:x|y|class)})");
  private static final Pattern SLOT = Pattern.compile("\\{(\\w+)}");

  /** Slots that say what a statement is about. */
  private static final Set<String> TOPICS =
      words("act act2 thing thing2 item item2 place place2 need kit kit2 goods goods2 machine machine2")
          .with("event event2 role role2 line job job2 lend unit class do done");

  /** Words that two statements may share without being about the same. */
  private static final Set<String> COMMON =
      words("have with from your that this there they them must need only possible allowed people")
          .with("without cannot before after every other will does where when here come some more")
          .with("most each also their what than until still available euros euro day please free")
          .with("open closed closes bring leave take comes costs cost keep those these into over")
          .with("back used because use while during");

  private static final Set<String> DOUBLED =
      words("swim put run sit let cut hit stop drop get dig shop swap plan set skip log wrap fit")
          .with("strip sublet babysit submit pat tip rub spin step");

  private static final List<String> NUMBERS =
      List.of(
          ("no one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
                  + " fifteen sixteen seventeen eighteen nineteen twenty")
              .split(" "));
  private static final List<String> PRICES =
      List.of(
          "two euros", "5 euros", "three euros", "€4", "€2.50", "1.50 euros", "fifty cents",
          "ten euros", "6 euros", "a small fee", "eight euros", "12 euros", "one euro", "€1",
          "7 pounds", "a few euros");
  private static final List<String> OPENINGS =
      List.of(
          "Please note: ", "Note that ", "Until further notice, ", "As before, ",
          "From this week on, ", "Good to know: ", "This year, ", "As a rule, ",
          "For your information: ", "News: ");

  /** A set of words that grows while it is written down. */
  private static final class Words extends HashSet<String> {
    private static final long serialVersionUID = 1;

    Words with(String more) {
      addAll(List.of(more.split(" ")));
      return this;
    }
  }

  private static Words words(String text) {
    return new Words().with(text);
  }

  /** One name of a thing, and whether it is a plural. */
  record Name(String text, boolean plural) {}

  /** A thing: its names in notices, and its names in questions. */
  record Entry(List<Name> said, List<Name> asked) {
    /** {@code name ~ other name > name in questions only}; {@code p:} before a plural. */
    static Entry of(String text) {
      String[] parts = text.split(">");
      List<Name> said = names(parts[0]);
      List<Name> asked = new ArrayList<>(said);
      for (int i = 1; i < parts.length; i++) {
        asked.addAll(names(parts[i]));
      }
      return new Entry(said, asked);
    }

    static Entry of(List<String> texts) {
      List<Name> names = texts.stream().map(t -> new Name(t, true)).toList();
      return new Entry(names, names);
    }

    private static List<Name> names(String text) {
      return Arrays.stream(text.split("~"))
          .map(String::strip)
          .map(n -> n.startsWith("p:") ? new Name(n.substring(2), true) : new Name(n, false))
          .toList();
    }
  }

  /** A place and its words by kind. */
  record Place(String name, Map<String, List<String>> words) {
    List<String> of(String kind) {
      return words.getOrDefault(kind, List.of());
    }
  }

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

  /** A form with its slots filled. */
  record Fact(Form form, Map<String, Entry> slots) {}

  private final Random random;
  private final Place everywhere;
  private final List<Place> places = new ArrayList<>();
  private final List<Form> forms = new ArrayList<>();
  private final List<Form> facts = new ArrayList<>();

  private Notices(Path folder, long seed) throws IOException {
    random = new Random(seed);
    readPlaces(folder.resolve("places.txt"));
    everywhere = places.remove(0);
    readForms(folder.resolve("forms.txt"), forms);
    readForms(folder.resolve("facts.txt"), facts);
  }

  /** Prints rows: {@code java Notices.java FOLDER ROWS SEED}. */
  public static void main(String[] args) throws IOException {
    if (args.length != 3) {
      System.err.println("Notices: arguments: " + args.length + " (expected: FOLDER ROWS SEED)");
      System.exit(2);
    }
    Notices notices = new Notices(Path.of(args[0]), Long.parseLong(args[2]));
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    notices.rows(Integer.parseInt(args[1])).forEach(row -> out.print(row + "\n"));
    out.flush();
  }

  private List<String> rows(int count) {
    Set<String> seen = new HashSet<>();
    List<String> rows = new ArrayList<>();
    while (rows.size() < count) {
      some().stream().filter(seen::add).forEach(rows::add);
    }
    return rows.subList(0, count);
  }

  /** Four rows about one fact, or two where it has one side. */
  private List<String> some() {
    Place place = pick(places);
    Fact fact = fact(place, "");
    List<String> others = others(fact, place);
    int at = random.nextInt(others.size() + 1);
    long joins = random.nextLong();
    if (!fact.form().hasSides()) {
      String notice = notice(others, say(fact, "N", place), at, joins);
      return List.of(
          row(ask(fact, "?T", place), notice, true), row(ask(fact, "?F", place), notice, false));
    }
    String a = notice(others, say(fact, "A", place), at, joins);
    String b = notice(others, say(fact, "B", place), at, joins);
    String ofA = ask(fact, "?A", place);
    String ofB = ask(fact, "?B", place);
    if (random.nextInt(100) < SLANTED_PERCENT) {
      return List.of(row(ofA, a, true), row(ofA, b, false));
    }
    return List.of(row(ofA, a, true), row(ofA, b, false), row(ofB, b, true), row(ofB, a, false));
  }

  /** None to two statements that leave the fact open; a third of them say the like of others. */
  private List<String> others(Fact fact, Place place) {
    List<String> others = new ArrayList<>();
    int count = random.nextInt(100) < BARE_PERCENT ? 0 : pick(List.of(0, 1, 1, 1, 2));
    int words = 0;
    for (int tries = 0; others.size() < count && tries < 40; tries++) {
      Fact other = fact(place, random.nextInt(3) == 0 ? fact.form().family() : "");
      String said = say(other, other.form().hasSides() ? pick(List.of("A", "B")) : "N", place);
      int more = said.split(" ").length;
      if (isApart(fact, other, said) && words + more < MOST_WORDS / 2) {
        others.add(said);
        words += more;
      }
    }
    return others;
  }

  /** One of a family of forms if there is such a family, else any. */
  private Fact fact(Place place, String family) {
    List<Form> like = forms.stream().filter(f -> f.family().equals(family)).toList();
    List<Form> from = !like.isEmpty() ? like : random.nextInt(100) < FACTS_PERCENT ? facts : forms;
    List<Form> here =
        from.stream().filter(f -> f.place().isEmpty() || f.place().equals(place.name())).toList();
    Form form = pick(here);
    return new Fact(form, fill(form, place));
  }

  /** Whether another statement has no word of the fact's topic. */
  private static boolean isApart(Fact fact, Fact other, String said) {
    Set<String> topic = new HashSet<>();
    if (fact.slots().isEmpty()) {
      fact.form().lines().values().forEach(lines -> lines.forEach(l -> topic.addAll(stems(l))));
    }
    fact.slots()
        .forEach(
            (slot, entry) -> {
              if (TOPICS.contains(slot)) {
                entry.asked().forEach(n -> topic.addAll(stems(n.text())));
              }
            });
    return (fact.form() != other.form() || !fact.slots().isEmpty())
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

  private Map<String, Entry> fill(Form form, Place place) {
    Map<String, Entry> slots = new HashMap<>();
    Set<String> used = new HashSet<>();
    for (String slot : form.slots()) {
      String kind = slot.replaceFirst(".*=", "");
      switch (kind) {
        case "scope" ->
            scope(slots, random.nextInt(3) == 0 ? spots(place) : pick(everywhere.of("when")));
        case "when" -> scope(slots, pick(everywhere.of("when")));
        case "cond" -> pair(slots, pick(everywhere.of("cond")), "x", "y");
        case "group" -> {
          boolean isFirst = random.nextBoolean();
          pair(slots, word(place, "group"), isFirst ? "g" : "h", isFirst ? "h" : "g");
        }
        case "use" -> use(slots, used, "");
        case "use2" -> use(slots, used, "2");
        case "alt" -> members(slots, pick(everywhere.of("alt")), List.of("verb"));
        case "quality" -> quality(slots);
        case "class" ->
            members(slots, pick(everywhere.of("class")), List.of("do", "done", "class"));
        case "hours" -> hours(slots);
        case "number" -> number(slots, "n", 3 + random.nextInt(10), "less", "more");
        case "age" -> number(slots, "age", 4 + random.nextInt(9), "younger", "older");
        default -> {
          String chosen;
          do {
            chosen = word(place, pick(List.of(kind.split("\\|"))));
          } while (!used.add(chosen));
          slots.put(slot.replaceFirst("=.*", ""), Entry.of(chosen));
        }
      }
    }
    return slots;
  }

  /** Mostly of the place itself. */
  private String word(Place place, String kind) {
    List<String> own = place.of(kind);
    return pick(own.isEmpty() || random.nextInt(4) == 0 ? everywhere.of(kind) : own);
  }

  /** A thing and what one does with it. */
  private void use(Map<String, Entry> slots, Set<String> used, String suffix) {
    String chosen;
    do {
      chosen = pick(everywhere.of("use"));
    } while (!used.add(chosen));
    pair(slots, chosen, "item" + suffix, "act" + suffix);
    String item = slots.get("item" + suffix).said().get(0).text();
    slots.put("bare" + suffix, Entry.of(item.replaceFirst("^an? ", "")));
  }

  /** Two things and two adjectives, one the opposite of the other. */
  private void quality(Map<String, Entry> slots) {
    String[] parts = pick(everywhere.of("quality")).split("\\|");
    List<String> things = new ArrayList<>(List.of(parts[0].split(";")));
    Collections.shuffle(things, random);
    slots.put("thing", Entry.of(things.get(0)));
    slots.put("thing2", Entry.of(things.get(1)));
    boolean isFirst = random.nextBoolean();
    slots.put("x", Entry.of(parts[isFirst ? 1 : 2]));
    slots.put("y", Entry.of(parts[isFirst ? 2 : 1]));
  }

  private String spots(Place place) {
    return "everywhere ~ anywhere; nowhere else; elsewhere ~ anywhere else|" + word(place, "spot");
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
    int x = random.nextInt(count);
    int y = (x + 1 + random.nextInt(count - 1)) % count;
    slots.put("x", Entry.of(parts[1 + x]));
    slots.put("y", Entry.of(parts[1 + y]));
  }

  private static void pair(Map<String, Entry> slots, String text, String one, String other) {
    String[] parts = text.split("\\|");
    slots.put(one, Entry.of(parts[0]));
    slots.put(other, Entry.of(parts[1]));
  }

  private void hours(Map<String, Entry> slots) {
    int from = 6 + random.nextInt(6);
    int to = 14 + random.nextInt(8);
    int late = Math.min(23, to + 1 + random.nextInt(3));
    int out = random.nextInt(3) == 0 ? from - 1 - random.nextInt(2) : late;
    slots.put("from", Entry.of(clock(from, true)));
    slots.put("to", Entry.of(clock(to, true)));
    slots.put("in", Entry.of(clock(from + 1 + random.nextInt(to - from - 1), false)));
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
    slots.put(less, count(2 + random.nextInt(n - 2)));
    slots.put(more, count(n + 1 + random.nextInt(5)));
  }

  private static Entry count(int n) {
    return Entry.of(List.of(NUMBERS.get(n), NUMBERS.get(n), "" + n));
  }

  private String say(Fact fact, String mark, Place place) {
    String said = render(pick(fact.form().lines().get(mark)), fact, place, false);
    StringBuilder text = new StringBuilder();
    for (String sentence : said.split("(?<=\\.) ")) {
      text.append(text.isEmpty() ? "" : " ").append(upper(sentence));
    }
    return random.nextInt(12) == 0 ? pick(OPENINGS) + lower(text.toString()) : text.toString();
  }

  private String ask(Fact fact, String mark, Place place) {
    String asked = render(pick(fact.form().lines().get(mark)), fact, place, true);
    return switch (random.nextInt(10)) {
      case 0, 1, 2 -> upper(asked) + "?";
      case 3 -> asked + "?";
      default -> asked;
    };
  }

  private String render(String line, Fact fact, Place place, boolean asks) {
    Map<String, Name> names = new HashMap<>();
    for (Map.Entry<String, Entry> slot : new TreeMap<>(fact.slots()).entrySet()) {
      names.put(slot.getKey(), pick(asks ? slot.getValue().asked() : slot.getValue().said()));
    }
    names.put("people", pick(Entry.of(word(place, "people")).said()));
    names.put("price", new Name(pick(PRICES), true));
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
      String chosen = pick(List.of(m.group(1).split("\\|", -1)));
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
    return name != null ? name.text() : gerund(names.get(slot.replaceFirst("ing", "")).text());
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
        List.of("{people}", "{g}", "{h}", "nobody", "everybody", "anyone", "somebody", "one",
            "everyone", "people", "child", "children", "old")) {
      if (words.contains(third)) {
        return "their";
      }
    }
    return !asks ? "your" : words.contains("we") || words.contains("us") ? "our" : "my";
  }

  private static String gerund(String phrase) {
    String verb = phrase.replaceFirst(" .*", "");
    String stem = verb;
    if (DOUBLED.contains(verb)) {
      stem = verb + verb.charAt(verb.length() - 1);
    } else if (verb.equals("tie")) {
      stem = "ty";
    } else if (verb.endsWith("e") && !verb.endsWith("ee") && !verb.equals("be")) {
      stem = verb.substring(0, verb.length() - 1);
    }
    return stem + "ing" + phrase.substring(verb.length());
  }

  /** The statements one after another, some joined into one sentence. */
  private static String notice(List<String> others, String said, int at, long joins) {
    List<String> all = new ArrayList<>(others);
    all.add(at, said);
    Random joined = new Random(joins);
    StringBuilder text = new StringBuilder(all.get(0));
    for (String next : all.subList(1, all.size())) {
      int how = joined.nextInt(8);
      boolean isPlain = next.matches("[^:.?]*\\.");
      if (how < 2 && isPlain) {
        text.setLength(text.length() - 1);
        text.append(how == 0 ? "; " : ", and ").append(lower(next));
      } else {
        text.append(' ').append(next);
      }
    }
    return text.toString();
  }

  private static String upper(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }

  private static String lower(String text) {
    return text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
  }

  private static String row(String question, String passage, boolean label) {
    return "{\"question\": \"%s\", \"passage\": \"%s\", \"label\": %b}"
        .formatted(question, passage, label);
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  private void readPlaces(Path file) throws IOException {
    Set<String> whole = Set.of("when", "group", "cond", "class", "use", "alt", "quality");
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith("## ")) {
        places.add(new Place(line.substring(3), new HashMap<>()));
      } else if (!line.isBlank() && !line.startsWith("#")) {
        String[] parts = line.split(":", 2);
        List<String> into =
            places.get(places.size() - 1).words().computeIfAbsent(parts[0], k -> new ArrayList<>());
        boolean isWhole = whole.contains(parts[0]);
        for (String entry : isWhole ? new String[] {parts[1]} : parts[1].split(";")) {
          into.add(entry.strip());
        }
      }
    }
  }

  private static void readForms(Path file, List<Form> into) throws IOException {
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith("# ")) {
        String[] parts = line.substring(2).split(":", 2);
        String rest = parts[1].strip();
        boolean isPlace = rest.startsWith("@");
        into.add(
            new Form(
                parts[0].strip(),
                isPlace ? rest.substring(1) : "",
                isPlace || rest.isEmpty() ? List.of() : List.of(rest.split("\\s+")),
                new HashMap<>()));
      } else if (!line.isBlank()) {
        String[] parts = line.split(" ", 2);
        Map<String, List<String>> lines = into.get(into.size() - 1).lines();
        lines.computeIfAbsent(parts[0], k -> new ArrayList<>()).add(parts[1]);
      }
    }
  }
}
