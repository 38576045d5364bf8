package io.sluice.trainer.model;

import io.sluice.backbone.Encoding;
import io.sluice.backbone.runtime.DirectBuffers;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.Tensor;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rows padded to the longest among them, as tensors (rows, longest), int64, on direct memory that
 * is used again for the next batch: close one batch before the next is made. Padding has id 0 and
 * mask 0.
 */
final class BatchTensors {
  static final String INPUT_IDS = "input_ids";
  static final String ATTENTION_MASK = "attention_mask";
  static final String TOKEN_TYPE_IDS = "token_type_ids";
  private static final Set<String> TOKENS = Set.of(INPUT_IDS, ATTENTION_MASK, TOKEN_TYPE_IDS);

  private final OnnxRuntime runtime;
  private final Set<String> names;
  private final @Nullable BatchFeed feed;
  private final Map<String, LongBuffer> memory = new HashMap<>();

  /**
   * Memory for some inputs.
   *
   * @param names the tensors to make, of the three named here and the feed's
   * @param feed where that comes from, for graphs that take something beside tokens
   */
  BatchTensors(OnnxRuntime runtime, Set<String> names, @Nullable BatchFeed feed) {
    Set<String> left = new HashSet<>(names);
    left.removeAll(TOKENS);
    if (!left.equals(feed == null ? Set.of() : Set.of(feed.input()))) {
      throw new IllegalArgumentException(
          "feed: "
              + (feed == null ? "none" : feed.input())
              + " (expected: one for just those inputs that are not the tokenizer's: "
              + left
              + ")");
    }
    this.runtime = runtime;
    this.feed = feed;
    this.names = Set.copyOf(names);
  }

  /** Tensors by name, and tokens of the longest row; closing frees their handles. */
  record Batch(Map<String, Tensor> tensors, int longest) implements AutoCloseable {
    @Override
    public void close() {
      tensors.values().forEach(Tensor::close);
    }
  }

  /** Makes the tensors of some rows. */
  Batch of(EncodedRows all, int[] rows) {
    List<Encoding> encodings = new ArrayList<>();
    int longest = 0;
    for (int row : rows) {
      Encoding encoding = all.encodings().get(row);
      encodings.add(encoding);
      longest = Math.max(longest, encoding.ids().length);
    }
    Map<String, Tensor> tensors = new HashMap<>();
    if (feed != null) {
      tensors.put(feed.input(), feed.tensor(all, rows, longest));
    }
    for (String name : names) {
      if (tensors.containsKey(name)) {
        continue;
      }
      LongBuffer filled = fill(name, encodings, longest);
      tensors.put(name, HostTensor.longs(runtime, filled, rows.length, longest));
    }
    return new Batch(tensors, longest);
  }

  private LongBuffer fill(String name, List<Encoding> encodings, int longest) {
    LongBuffer buffer = buffer(name, encodings.size() * longest);
    long[] row = new long[longest];
    for (int i = 0; i < encodings.size(); i++) {
      Encoding encoding = encodings.get(i);
      int tokens = encoding.ids().length;
      switch (name) {
        case INPUT_IDS -> System.arraycopy(encoding.ids(), 0, row, 0, tokens);
        case ATTENTION_MASK -> Arrays.fill(row, 0, tokens, 1);
        case TOKEN_TYPE_IDS -> System.arraycopy(encoding.typeIds(), 0, row, 0, tokens);
        default ->
            throw new IllegalArgumentException(
                "input: " + name + " (expected: one of the tokenizer's)");
      }
      Arrays.fill(row, tokens, longest, 0);
      buffer.put(i * longest, row);
    }
    return buffer;
  }

  private LongBuffer buffer(String name, int size) {
    LongBuffer buffer = memory.get(name);
    if (buffer == null || buffer.capacity() < size) {
      buffer = DirectBuffers.longs(Math.max(size, 4096));
      memory.put(name, buffer);
    }
    return buffer.duplicate().position(0).limit(size);
  }
}
