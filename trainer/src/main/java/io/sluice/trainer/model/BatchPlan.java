package io.sluice.trainer.model;

import io.sluice.trainer.random.CounterRandom;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Which rows make up the batch of each step. Every epoch holds every row once; within pools of
 * {@link #POOL_BATCHES} batches rows of like length go together, so little is padded. A function of
 * seed and step, so a run can be taken up anywhere. Confined to the training thread.
 */
public final class BatchPlan {
  static final int POOL_BATCHES = 32;

  private final int[] lengths;
  private final int batchSize;
  private final CounterRandom random;
  private int epoch = -1;
  private int[][] batches = {};

  public BatchPlan(int[] lengths, int batchSize, long seed) {
    this.lengths = lengths.clone();
    this.batchSize = Math.min(batchSize, lengths.length);
    this.random = new CounterRandom(seed, CounterRandom.Stream.SHUFFLE);
  }

  public int stepsPerEpoch() {
    return (lengths.length + batchSize - 1) / batchSize;
  }

  /** The rows of a step's batch, from step 0. */
  public int[] rows(int step) {
    int wanted = step / stepsPerEpoch();
    if (wanted != epoch) {
      batches = epoch(wanted);
      epoch = wanted;
    }
    return batches[step % stepsPerEpoch()];
  }

  /** The rows of some steps' batches, one after another; a row may be there several times. */
  public int[] rows(int fromStep, int toStep) {
    return IntStream.range(fromStep, toStep).flatMap(step -> Arrays.stream(rows(step))).toArray();
  }

  private int[][] epoch(int number) {
    int[] rows = random.permutation(2L * number, lengths.length);
    int pool = POOL_BATCHES * batchSize;
    for (int from = 0; from < rows.length; from += pool) {
      int to = Math.min(rows.length, from + pool);
      int[] sorted =
          Arrays.stream(rows, from, to)
              .boxed()
              .sorted(Comparator.comparingInt(row -> lengths[row]))
              .mapToInt(Integer::intValue)
              .toArray();
      System.arraycopy(sorted, 0, rows, from, sorted.length);
    }
    int[] order = random.permutation(2L * number + 1, stepsPerEpoch());
    int[][] made = new int[order.length][];
    for (int i = 0; i < order.length; i++) {
      int from = i * batchSize;
      made[order[i]] = Arrays.copyOfRange(rows, from, Math.min(rows.length, from + batchSize));
    }
    return made;
  }
}
