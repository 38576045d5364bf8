import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

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

  private final Vocabulary vocabulary;
  private final Dice dice;
  private final Filling filling;
  private final Wording wording;

  private Notices(Vocabulary vocabulary, Dice dice) {
    this.vocabulary = vocabulary;
    this.dice = dice;
    this.filling = new Filling(vocabulary, dice);
    this.wording = new Wording(vocabulary, dice);
  }

  /** Prints rows: {@code java -cp CLASSES Notices FOLDER ROWS SEED}. */
  public static void main(String[] args) throws IOException {
    if (args.length != 3) {
      System.err.println("Notices: arguments: " + args.length + " (expected: FOLDER ROWS SEED)");
      System.exit(2);
    }
    Notices notices =
        new Notices(new Vocabulary(Path.of(args[0])), new Dice(Long.parseLong(args[2])));
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
    Place place = dice.pick(vocabulary.places());
    Fact fact = fact(place, "");
    List<String> others = others(fact, place);
    int at = dice.nextInt(others.size() + 1);
    long joins = dice.nextLong();
    if (!fact.form().hasSides()) {
      String notice = notice(others, wording.say(fact, "N", place), at, joins);
      return List.of(
          row(wording.ask(fact, "?T", place), notice, true),
          row(wording.ask(fact, "?F", place), notice, false));
    }
    String a = notice(others, wording.say(fact, "A", place), at, joins);
    String b = notice(others, wording.say(fact, "B", place), at, joins);
    String ofA = wording.ask(fact, "?A", place);
    String ofB = wording.ask(fact, "?B", place);
    if (dice.nextInt(100) < SLANTED_PERCENT) {
      return List.of(row(ofA, a, true), row(ofA, b, false));
    }
    return List.of(row(ofA, a, true), row(ofA, b, false), row(ofB, b, true), row(ofB, a, false));
  }

  /** None to two statements that leave the fact open; a third of them say the like of others. */
  private List<String> others(Fact fact, Place place) {
    List<String> others = new ArrayList<>();
    int count = dice.nextInt(100) < BARE_PERCENT ? 0 : dice.pick(List.of(0, 1, 1, 1, 2));
    int words = 0;
    for (int tries = 0; others.size() < count && tries < 40; tries++) {
      Fact other = fact(place, dice.nextInt(3) == 0 ? fact.form().family() : "");
      String said =
          wording.say(other, other.form().hasSides() ? dice.pick(List.of("A", "B")) : "N", place);
      int more = said.split(" ").length;
      if (fact.isApartFrom(other, said) && words + more < MOST_WORDS / 2) {
        others.add(said);
        words += more;
      }
    }
    return others;
  }

  /** One of a family of forms if there is such a family, else any. */
  private Fact fact(Place place, String family) {
    List<Form> like = vocabulary.forms().stream().filter(f -> f.family().equals(family)).toList();
    List<Form> from =
        !like.isEmpty()
            ? like
            : dice.nextInt(100) < FACTS_PERCENT ? vocabulary.facts() : vocabulary.forms();
    List<Form> here =
        from.stream().filter(f -> f.place().isEmpty() || f.place().equals(place.name())).toList();
    Form form = dice.pick(here);
    return new Fact(form, filling.fill(form, place));
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
        text.append(how == 0 ? "; " : ", and ").append(Wording.lower(next));
      } else {
        text.append(' ').append(next);
      }
    }
    return text.toString();
  }

  private static String row(String question, String passage, boolean label) {
    return "{\"question\": \"%s\", \"passage\": \"%s\", \"label\": %b}"
        .formatted(question, passage, label);
  }
}
