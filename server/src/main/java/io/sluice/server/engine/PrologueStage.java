package io.sluice.server.engine;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.ContextTensor;
import io.sluice.backbone.runtime.OnnxSession;
import io.sluice.backbone.runtime.Results;
import io.sluice.backbone.runtime.Tensor;
import io.sluice.backbone.runtime.TensorMemory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The start of a batch: token ids in, boundary 0 and the context tensors out. Holds the inputs and
 * the context of the present batch. Confined to one engine thread.
 */
final class PrologueStage implements AutoCloseable {
  private static final String IDS = "input_ids";
  private static final String MASK = "attention_mask";
  private static final String TYPE_IDS = "token_type_ids";

  private final OnnxSession session;
  private final long padId;
  private final Map<String, TokenArena> inputs = new HashMap<>();
  private final TokenArena mask;
  private final List<String> outputs = new ArrayList<>();
  private final List<ContextArena> arenas = new ArrayList<>();
  private final boolean sized;
  private final Map<String, Tensor> context = new HashMap<>();

  PrologueStage(Backbone backbone, long padId, OnnxSession session, TensorMemory memory) {
    this.padId = padId;
    this.session = session;
    this.mask = new TokenArena(memory);
    for (String name : backbone.inputNames()) {
      inputs.put(name, name.equals(MASK) ? mask : new TokenArena(memory));
    }
    outputs.add(Backbone.PROLOGUE_OUTPUT);
    for (ContextTensor tensor : backbone.context()) {
      outputs.add(tensor.name());
      arenas.add(new ContextArena(memory, tensor.value()));
    }
    sized = arenas.stream().allMatch(ContextArena::isSized);
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
    mask.flush(rows, seq);
    inputs.values().stream()
        .filter(arena -> arena != mask)
        .forEach(arena -> arena.flush(rows, seq));
  }

  /** Computes boundary 0 into {@code h0} and the context of the rows last set. */
  void run(FloatArena h0, int rows, int seq) {
    context.clear();
    Map<String, Tensor> in = new HashMap<>();
    try {
      inputs.forEach((name, arena) -> in.put(name, arena.view(0, rows, seq)));
      if (sized) {
        arenas.forEach(arena -> context.put(arena.name(), arena.size(rows, seq)));
        Map<String, Tensor> out = new HashMap<>(context);
        out.put(Backbone.PROLOGUE_OUTPUT, h0.view(0, rows, seq));
        session.run(in, out);
        return;
      }
      try (Results results = session.run(in, outputs)) {
        h0.write(results.get(Backbone.PROLOGUE_OUTPUT).bytes());
        arenas.forEach(arena -> context.put(arena.name(), arena.set(results.get(arena.name()))));
      }
    } finally {
      in.values().forEach(Tensor::close);
    }
  }

  /** The context tensors by name, for the rows of the last run. */
  Map<String, Tensor> context() {
    return context;
  }

  /** The attention mask of some of the rows last set, int64 (rows, seq); the caller closes it. */
  Tensor mask(int start, int rows, int seq) {
    return mask.view(start, rows, seq);
  }

  @Override
  public void close() {
    context.clear();
    arenas.forEach(ContextArena::close);
    inputs.values().forEach(TokenArena::close);
    mask.close();
  }
}
