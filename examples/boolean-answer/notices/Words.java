import java.util.HashSet;
import java.util.List;

/** A set of words that grows while it is written down. */
final class Words extends HashSet<String> {
  private static final long serialVersionUID = 1;

  static Words of(String text) {
    return new Words().with(text);
  }

  Words with(String more) {
    addAll(List.of(more.split(" ")));
    return this;
  }
}
