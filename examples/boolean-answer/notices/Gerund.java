import java.util.Set;

/** What somebody is doing: parking vans here, of park vans here. */
final class Gerund {
  private static final Set<String> DOUBLED =
      Words.of(
              "swim put run sit let cut hit stop drop get dig shop swap plan set skip log wrap fit")
          .with("strip sublet babysit submit pat tip rub spin step");

  private Gerund() {}

  static String of(String phrase) {
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
}
