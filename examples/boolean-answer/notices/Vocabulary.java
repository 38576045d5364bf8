import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What can be said, as the files of a folder have it. */
final class Vocabulary {
  private final Place everywhere;
  private final List<Place> places = new ArrayList<>();
  private final List<Form> forms = new ArrayList<>();
  private final List<Form> facts = new ArrayList<>();

  Vocabulary(Path folder) throws IOException {
    readPlaces(folder.resolve("places.txt"));
    everywhere = places.remove(0);
    readForms(folder.resolve("forms.txt"), forms);
    readForms(folder.resolve("facts.txt"), facts);
  }

  /** Words that suit any place. */
  Place everywhere() {
    return everywhere;
  }

  List<Place> places() {
    return places;
  }

  /** Statements and questions with slots. */
  List<Form> forms() {
    return forms;
  }

  /** Statements and questions without slots. */
  List<Form> facts() {
    return facts;
  }

  /** A word for a slot, mostly of the place itself. */
  String word(Place place, String kind, Dice dice) {
    List<String> own = place.of(kind);
    return dice.pick(own.isEmpty() || dice.nextInt(4) == 0 ? everywhere.of(kind) : own);
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
