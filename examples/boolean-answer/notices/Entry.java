import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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
