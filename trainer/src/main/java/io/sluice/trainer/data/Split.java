package io.sluice.trainer.data;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.trainer.random.CounterRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A data set cut in two.
 *
 * @param train rows to learn from
 * @param dev rows to choose by
 */
public record Split(Dataset train, Dataset dev) {

  /**
   * Cuts off a share of each label's rows for dev: at least one row of every label that has two or
   * more. Rows keep their order. The same rows, share and seed give the same cut.
   *
   * @param devShare between 0 and 1, both excluded
   * @throws SluiceException {@code INVALID_ARGUMENT} when no label has two rows: then there would
   *     be none for dev
   */
  public static Split stratified(Dataset all, double devShare, long seed) {
    if (!(devShare > 0 && devShare < 1)) {
      throw new IllegalArgumentException("devShare: " + devShare + " (expected: between 0 and 1)");
    }
    Map<String, List<Integer>> rowsByLabel = new TreeMap<>();
    for (int row = 0; row < all.size(); row++) {
      rowsByLabel
          .computeIfAbsent(all.examples().get(row).truth().stratum(), label -> new ArrayList<>())
          .add(row);
    }
    CounterRandom random = new CounterRandom(seed, CounterRandom.Stream.SPLIT);
    boolean[] dev = new boolean[all.size()];
    int group = 0;
    for (List<Integer> rows : rowsByLabel.values()) {
      int[] order = random.permutation(group++, rows.size());
      int wanted = (int) Math.round(rows.size() * devShare);
      int taken = Math.min(Math.max(wanted, 1), rows.size() - 1);
      for (int i = 0; i < taken; i++) {
        dev[rows.get(order[i])] = true;
      }
    }
    if (rowsByLabel.size() == all.size()) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          all.source() + ": one row of each label (expected: two or more of some, to choose by)");
    }
    return new Split(pick(all, dev, false), pick(all, dev, true));
  }

  private static Dataset pick(Dataset all, boolean[] dev, boolean wanted) {
    List<Example> rows = new ArrayList<>();
    for (int row = 0; row < all.size(); row++) {
      if (dev[row] == wanted) {
        rows.add(all.examples().get(row));
      }
    }
    return new Dataset(all.source(), all.textFields(), rows);
  }
}
