import java.util.List;
import java.util.Map;

/** A place and its words by kind. */
record Place(String name, Map<String, List<String>> words) {
  List<String> of(String kind) {
    return words.getOrDefault(kind, List.of());
  }
}
