package io.sluice.server.engine;

import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.AdapterAbi;
import io.sluice.registry.bundle.TaskKind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where heads write, and how a row's logits are read out of it: each output is a matrix, (rows,
 * labels) or for spans (rows, seq). Confined to the engine thread.
 */
final class HeadOutputs implements AutoCloseable {
  private final List<FloatArena> arenas;
  private int used;
  private int columns;
  private boolean perToken;

  HeadOutputs(OnnxRuntime runtime) {
    arenas = List.of(new FloatArena(runtime, 1), new FloatArena(runtime, 1));
  }

  /**
   * Makes room for what the head of {@code task} says of {@code rows} rows of {@code seq} tokens.
   *
   * @return the head's outputs by name; owned by this object
   */
  Map<String, HostTensor> reserve(LoadedTask task, int rows, int seq) {
    TaskKind kind = task.manifest().kind();
    List<String> names = AdapterAbi.headOutputs(kind);
    used = names.size();
    perToken = kind.answersPerToken();
    columns = perToken ? seq : task.manifest().labels().size();
    Map<String, HostTensor> outputs = new HashMap<>();
    for (int i = 0; i < used; i++) {
      arenas.get(i).reserve(rows, columns);
      outputs.put(names.get(i), arenas.get(i).matrix(rows, columns));
    }
    return outputs;
  }

  /**
   * The logits of a row: one per label, or for spans the start logits of its tokens and then their
   * end logits. What stands for padding is left out.
   */
  float[] row(int row, int tokens) {
    int length = perToken ? tokens : columns;
    float[] logits = new float[used * length];
    for (int i = 0; i < used; i++) {
      arenas.get(i).get(row * columns, logits, i * length, length);
    }
    return logits;
  }

  @Override
  public void close() {
    arenas.forEach(FloatArena::close);
  }
}
