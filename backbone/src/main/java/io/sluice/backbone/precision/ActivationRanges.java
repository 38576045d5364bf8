package io.sluice.backbone.precision;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Digest;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.TensorData;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the inputs of a backbone's linears are like, channel by channel, over a sample of text: what
 * constant scales are chosen by where the backbone computes in 8 bits. A linear is known by its
 * weights, as its name differs from graph to graph. Immutable.
 */
public final class ActivationRanges {
  private static final ActivationRanges NONE = new ActivationRanges(Map.of());
  private static final int KEY_BYTES = 4096;

  /** How many times as far up as down one-sided values go. */
  private static final float SIDE = 4;

  /**
   * The smallest and the largest value in each channel of a linear's input, or only those in all of
   * them, where tokens are too unlike for a constant scale. Immutable.
   *
   * @param lowest not to be written to
   * @param highest not to be written to
   */
  @SuppressWarnings("ArrayRecordComponent") // Equals and hashCode are by content.
  public record Range(float[] lowest, float[] highest) {
    public Range {
      if (lowest.length != highest.length || lowest.length == 0) {
        throw new IllegalArgumentException(
            "range: " + lowest.length + ", " + highest.length + " channels (expected: as many)");
      }
      for (int c = 0; c < lowest.length; c++) {
        if (!(lowest[c] >= -Float.MAX_VALUE
            && lowest[c] <= highest[c]
            && highest[c] <= Float.MAX_VALUE)) {
          throw new IllegalArgumentException(
              "range: " + lowest[c] + " to " + highest[c] + " (expected: finite, upwards)");
        }
      }
    }

    /** The same of all channels together. */
    public Range together() {
      float least = lowest[0];
      float most = highest[0];
      for (int c = 1; c < lowest.length; c++) {
        least = Math.min(least, lowest[c]);
        most = Math.max(most, highest[c]);
      }
      return new Range(new float[] {least}, new float[] {most});
    }

    /** Whether values go so little below zero that they are rounded from a floor upwards. */
    public boolean isOneSided() {
      return lowest.length == 1 && -SIDE * lowest[0] < highest[0];
    }

    boolean isPerChannel() {
      return lowest.length > 1;
    }

    boolean fits(TensorData weight) {
      return !isPerChannel() || lowest.length == weight.shape()[0];
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Range that
          && Arrays.equals(lowest, that.lowest)
          && Arrays.equals(highest, that.highest);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(highest);
    }
  }

  private final SortedMap<String, Range> ranges;

  private ActivationRanges(Map<String, Range> ranges) {
    this.ranges = Collections.unmodifiableSortedMap(new TreeMap<>(ranges));
  }

  /** Of a backbone that no text was run through: nothing is known. */
  public static ActivationRanges none() {
    return NONE;
  }

  /**
   * What was found.
   *
   * @param ranges by {@link #key} of the linear's weight
   */
  public static ActivationRanges of(Map<String, Range> ranges) {
    return new ActivationRanges(requireNonNull(ranges, "ranges"));
  }

  /** What the linear of a weight is known by: its shape and its first numbers. */
  public static String key(TensorData weight) {
    MessageDigest sha = Digest.sha256();
    sha.update(Arrays.toString(weight.shape()).getBytes(StandardCharsets.UTF_8));
    ByteBuffer bytes = weight.bytes();
    sha.update(bytes.limit(Math.min(KEY_BYTES, bytes.capacity())));
    return Digest.finish(sha).hex();
  }

  /** The inputs of a graph's linears, and what those that read each are known by. */
  public static Map<String, List<String>> inputsOfLinears(Graph graph) {
    Map<String, List<String>> inputs = new LinkedHashMap<>();
    graph
        .nodes()
        .forEach(
            node -> {
              TensorData weight = Int8Linears.weight(graph, node);
              if (weight != null) {
                inputs
                    .computeIfAbsent(node.inputs().get(0), name -> new ArrayList<>())
                    .add(key(weight));
              }
            });
    return inputs;
  }

  /** What the input of the linear of {@code weight} is like; null if that is not known. */
  @Nullable Range of(TensorData weight) {
    return ranges.isEmpty() ? null : ranges.get(key(weight));
  }

  /** Names what is known: the form in 8 bits depends on it, the backbone's digest does not. */
  public Digest digest() {
    MessageDigest sha = Digest.sha256();
    ranges.forEach(
        (linear, range) -> {
          sha.update(linear.getBytes(StandardCharsets.UTF_8));
          update(sha, range.lowest());
          update(sha, range.highest());
        });
    return Digest.finish(sha);
  }

  private static void update(MessageDigest sha, float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length);
    bytes.asFloatBuffer().put(values);
    sha.update(bytes);
  }

  /** All that is known, by {@link #key}. */
  public SortedMap<String, Range> byLinear() {
    return ranges;
  }
}
