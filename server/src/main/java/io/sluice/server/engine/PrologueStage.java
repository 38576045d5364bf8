package io.sluice.server.engine;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ContextTensor;
import io.sluice.backbone.runtime.HostTensor;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.Results;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The start of a batch: token ids in, boundary 0 and the context tensors out. Holds the inputs and
 * the context of the present batch. Confined to the engine thread.
 */
final class PrologueStage implements AutoCloseable {
  private static final String IDS = "input_ids";
  private static final String MASK = "attention_mask";
  private static final String TYPE_IDS = "token_type_ids";

  private final OnnxSession session;
  private final OnnxRuntime runtime;
  private final long padId;
  private final Map<String, TokenArena> inputs = new HashMap<>();
  private final TokenArena mask;
  private final List<String> outputs = new ArrayList<>();
  private final Map<String, HostTensor> context = new HashMap<>();

  PrologueStage(Backbone backbone, long padId, OnnxSession session, OnnxRuntime runtime) {
    this.padId = padId;
    this.session = session;
    this.runtime = runtime;
    this.mask = new TokenArena(runtime);
    for (String name : backbone.inputNames()) {
      inputs.put(name, name.equals(MASK) ? mask : new TokenArena(runtime));
    }
    outputs.add(Backbone.PROLOGUE_OUTPUT);
    backbone.context().stream().map(ContextTensor::name).forEach(outputs::add);
  }

  /** Whether the blocks need anything of the prologue but boundary 0. */
  boolean hasContext() {
    return outputs.size() > 1;
  }

  /** Writes the rows of {@code layout}; padding is hidden by the mask. */
  void setRows(Layout layout, int seq) {
    int rows = layout.rows();
    mask.reserve(rows, seq);
    inputs.values().forEach(arena -> arena.reserve(rows, seq));
    for (int row = 0; row < rows; row++) {
      Tokens tokens = layout.tokens(row);
      mask.setMaskRow(row, seq, tokens.length());
      TokenArena ids = inputs.get(IDS);
      if (ids != null) {
        ids.setRow(row, seq, tokens.ids(), padId);
      }
      TokenArena typeIds = inputs.get(TYPE_IDS);
      if (typeIds != null) {
        typeIds.setRow(row, seq, tokens.typeIds(), 0);
      }
    }
  }

  /** Computes boundary 0 into {@code h0} and the context of the rows last set. */
  void run(FloatArena h0, int rows, int seq) {
    close();
    Map<String, HostTensor> in = new HashMap<>();
    try {
      inputs.forEach((name, arena) -> in.put(name, arena.view(0, rows, seq)));
      if (!hasContext()) {
        session.run(in, Map.of(Backbone.PROLOGUE_OUTPUT, h0.view(0, rows, seq)));
        return;
      }
      try (Results results = session.run(in, outputs)) {
        h0.set(results.floats(Backbone.PROLOGUE_OUTPUT));
        for (String name : outputs.subList(1, outputs.size())) {
          context.put(name, HostTensor.of(runtime, results.get(name)));
        }
      }
    } finally {
      in.values().forEach(HostTensor::close);
    }
  }

  /** The context tensors by name, for the rows of the last run. */
  Map<String, HostTensor> context() {
    return context;
  }

  /** The attention mask of some of the rows last set, int64 (rows, seq); the caller closes it. */
  HostTensor mask(int start, int rows, int seq) {
    return mask.view(start, rows, seq);
  }

  /** Frees the context; the stage can be run again. */
  @Override
  public void close() {
    context.values().forEach(HostTensor::close);
    context.clear();
  }
}
