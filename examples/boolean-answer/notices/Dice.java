import java.util.List;
import java.util.Random;

/** Chance that a seed decides. */
final class Dice extends Random {
  private static final long serialVersionUID = 1;

  Dice(long seed) {
    super(seed);
  }

  <T> T pick(List<T> from) {
    return from.get(nextInt(from.size()));
  }
}
