package io.sluice.backbone.precision;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Digest;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.graph.TensorData;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How large the outputs of a backbone's layer norms get, channel by channel, over a sample of text:
 * what constant scales are chosen by where the backbone computes in 8 bits. A layer norm is known
 * by its weights, as its name differs from graph to graph. Immutable.
 */
public final class ActivationRanges {
  private static final ActivationRanges NONE = new ActivationRanges(Map.of());

  private final SortedMap<String, float[]> largest = new TreeMap<>();

  private ActivationRanges(Map<String, float[]> largest) {
    largest.forEach(
        (norm, channels) -> {
          for (float channel : channels) {
            if (!(channel >= 0 && channel <= Float.MAX_VALUE)) {
              throw new IllegalArgumentException(
                  "range: " + channel + " (expected: a finite number, 0 or more)");
            }
          }
          this.largest.put(norm, channels.clone());
        });
  }

  /** Of a backbone that no text was run through: nothing is known. */
  public static ActivationRanges none() {
    return NONE;
  }

  /**
   * What was found.
   *
   * @param largest largest magnitude in each channel, by {@link #key} of the layer norm
   */
  public static ActivationRanges of(Map<String, float[]> largest) {
    return new ActivationRanges(requireNonNull(largest, "largest"));
  }

  /** What a layer norm over the last axis is known by; null for any other node. */
  public static @Nullable String key(Graph graph, Node node) {
    if (!node.is("LayerNormalization") || node.inputs().size() < 3) {
      return null;
    }
    TensorData scale = graph.initializers().get(node.inputs().get(1));
    TensorData bias = graph.initializers().get(node.inputs().get(2));
    if (scale == null || bias == null || scale.rank() != 1 || bias.rank() != 1) {
      return null;
    }
    MessageDigest sha = Digest.sha256();
    sha.update(scale.bytes());
    sha.update(bias.bytes());
    return Digest.finish(sha).hex();
  }

  /** The largest magnitude in each channel of a layer norm's output; null if that is not known. */
  public float @Nullable [] of(Graph graph, Node node) {
    String key = key(graph, node);
    float[] channels = key == null ? null : largest.get(key);
    return channels == null ? null : channels.clone();
  }

  /** Names what is known: the form in 8 bits depends on it, the backbone's digest does not. */
  public Digest digest() {
    MessageDigest sha = Digest.sha256();
    largest.forEach(
        (norm, channels) -> {
          sha.update(norm.getBytes(StandardCharsets.UTF_8));
          ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * channels.length);
          bytes.asFloatBuffer().put(channels);
          sha.update(bytes);
        });
    return Digest.finish(sha);
  }

  /** All that is known, by {@link #key}; not to be written to. */
  public SortedMap<String, float[]> largest() {
    return Collections.unmodifiableSortedMap(largest);
  }
}
