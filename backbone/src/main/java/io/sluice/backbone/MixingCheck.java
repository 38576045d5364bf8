package io.sluice.backbone;

import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.backbone.runtime.SessionSettings.Optimization;
import java.util.Arrays;
import java.util.Map;

/**
 * Checks that odd blocks mix the positions of a row, as attention does, and even blocks do not, as
 * a feed-forward layer does not: changes the first position of a block's input and looks whether
 * another position of its output changes.
 */
final class MixingCheck {
  private static final int TOKENS = 6;
  private static final float CHANGE = 0.5f;

  private MixingCheck() {}

  static void require(Backbone backbone, OnnxRuntime runtime) {
    SessionSettings settings = new SessionSettings(Optimization.BASIC, false, null);
    try (BackboneSessions sessions = BackboneSessions.open(backbone, runtime, settings)) {
      CutForward cut = new CutForward(sessions, runtime);
      Map<String, TensorData> start = cut.prologue(batch());
      TensorData hidden = CutForward.require(start, Backbone.PROLOGUE_OUTPUT);
      for (int k = 1; k <= backbone.points(); k++) {
        TensorData output = cut.block(k, hidden, start);
        boolean mixes = !sameElsewhere(output, cut.block(k, changed(hidden), start));
        if (mixes != (k % 2 == 1)) {
          throw new SluiceException(
              ErrorCode.INVALID_ARGUMENT,
              "block "
                  + k
                  + ", from "
                  + backbone.boundaryNames().get(k - 1)
                  + " to "
                  + backbone.boundaryNames().get(k)
                  + ": "
                  + (mixes ? "mixes" : "does not mix")
                  + " positions (expected: attention and feed-forward in turn)");
        }
        hidden = output;
      }
    }
  }

  private static SampleBatch batch() {
    long[] ones = new long[TOKENS];
    Arrays.fill(ones, 1);
    return new SampleBatch(1, TOKENS, ones, ones, new long[TOKENS]);
  }

  private static TensorData changed(TensorData hidden) {
    float[] values = hidden.toFloats();
    for (int i = 0; i < values.length / TOKENS; i += 2) {
      values[i] += CHANGE;
    }
    return TensorData.floats(values, hidden.shape());
  }

  private static boolean sameElsewhere(TensorData output, TensorData changed) {
    float[] left = output.toFloats();
    float[] right = changed.toFloats();
    int first = left.length / TOKENS;
    return Arrays.equals(left, first, left.length, right, first, right.length);
  }
}
