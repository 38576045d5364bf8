package io.sluice.trainer;

import io.sluice.trainer.model.ParameterLayout;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The weights and gates of the candidates that are not closed for good, taken out of those of all
 * and put back. Its arrays are used again for the next step. Confined to the training thread.
 */
final class OpenWeights {
  private final int closed;
  private final int[] indices;
  private final float[] weights;
  private final float[] gates;
  private final float[] allWeights;
  private final float[] allGates;

  /**
   * Those behind the first {@code closed} candidates, and the head's.
   *
   * @param layout of all {@code candidates}
   */
  OpenWeights(ParameterLayout layout, int closed, int candidates) {
    this.closed = closed;
    indices = layout.indicesOf(IntStream.range(closed, candidates).boxed().toList());
    weights = new float[indices.length];
    gates = new float[candidates - closed];
    allWeights = new float[layout.size()];
    allGates = new float[candidates];
  }

  /** How many weights there are. */
  int size() {
    return indices.length;
  }

  /** The open ones of all weights. */
  float[] of(float[] all) {
    for (int i = 0; i < indices.length; i++) {
      weights[i] = all[indices[i]];
    }
    return weights;
  }

  /** The open ones of all gates. */
  float[] gatesOf(float[] all) {
    System.arraycopy(all, closed, gates, 0, gates.length);
    return gates;
  }

  /** Gradients of the open weights as gradients of all: zero for the others. */
  float[] spread(float[] open) {
    for (int i = 0; i < indices.length; i++) {
      allWeights[indices[i]] = open[i];
    }
    return allWeights;
  }

  /** Gradients of the open gates as gradients of all: zero for the others. */
  float[] spreadGates(float[] open) {
    Arrays.fill(allGates, 0, closed, 0);
    System.arraycopy(open, 0, allGates, closed, open.length);
    return allGates;
  }
}
