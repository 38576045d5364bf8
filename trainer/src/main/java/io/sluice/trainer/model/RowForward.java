package io.sluice.trainer.model;

import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Value;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.Results;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.backbone.runtime.Tensor;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A compiled graph from tokens to one vector a row (or several), run over any number of rows in
 * batches of like length. Confined to one thread.
 */
final class RowForward implements AutoCloseable {
  /** Tokens of a batch on a GPU, to which weights that are inputs are sent once for each batch. */
  private static final int CUDA_BATCH_TOKENS = 16384;

  /** Hears of each batch's rows done. */
  interface Done {
    void rows(int count);
  }

  private final OnnxSession session;
  private final BatchTensors batches;
  private final int batchTokens;

  RowForward(OnnxRuntime runtime, Graph graph, @Nullable BatchFeed feed) {
    session = runtime.open(graph, SessionSettings.defaults().withMemoryPattern(false));
    Set<String> tokens =
        graph.inputs().stream()
            .map(Value::name)
            .filter(name -> !name.equals(Tensors.PARAMETERS))
            .collect(Collectors.toSet());
    batches = new BatchTensors(runtime, tokens, feed);
    batchTokens =
        runtime.settings().device().isCuda() ? CUDA_BATCH_TOKENS : LikeLengths.BATCH_TOKENS;
  }

  /**
   * Runs all rows.
   *
   * @param fixed inputs that are the same for every batch
   * @param wanted names of outputs (batch, width)
   * @return for each output one vector a row, in the order of the rows
   */
  Map<String, float[][]> run(
      EncodedRows rows, Map<String, HostTensor> fixed, Collection<String> wanted, Done done) {
    Map<String, float[][]> vectors = new HashMap<>();
    wanted.forEach(name -> vectors.put(name, new float[rows.size()][]));
    for (int[] batch : LikeLengths.batches(rows.lengths(), batchTokens)) {
      batch(rows, batch, fixed, vectors);
      done.rows(batch.length);
    }
    return vectors;
  }

  private void batch(
      EncodedRows all, int[] rows, Map<String, HostTensor> fixed, Map<String, float[][]> vectors) {
    try (BatchTensors.Batch batch = batches.of(all, rows)) {
      Map<String, Tensor> inputs = new HashMap<>(batch.tensors());
      inputs.putAll(fixed);
      try (Results results = session.run(inputs, vectors.keySet())) {
        vectors.forEach(
            (name, into) -> {
              var values = results.floats(name);
              int width = values.remaining() / rows.length;
              for (int row : rows) {
                into[row] = new float[width];
                values.get(into[row]);
              }
            });
      }
    }
  }

  @Override
  public void close() {
    session.close();
  }
}
