package io.sluice.trainer.model;

/** Names of the tensors by which the trainer's graphs are fed and read. */
final class Tensors {
  /** All learned weights, (size of the layout), float32. */
  static final String PARAMETERS = "parameters";

  /** The hidden states at the boundary where a graph begins, (batch, seq, hidden), float32. */
  static final String TRUNK = "trunk";

  /** Rows of the word table that the tokens stand for, (batch, seq, width), float32. */
  static final String WORDS = "words";

  /** One gate a candidate, (candidates), float32. */
  static final String GATES = "gates";

  /** What the loss holds the scores against, as {@link Targets} writes it, float32. */
  static final String TARGETS = "targets";

  /** What each pooled number is multiplied by in training, (batch, hidden), float32: dropout. */
  static final String KEEP = "keep";

  /** What each adapter's share is multiplied by, (adapters, batch, 1, hidden), float32: dropout. */
  static final String ADAPTER_KEEP = "adapter_keep";

  static final String LOSS = "loss";
  static final String LOGITS = "logits";

  /** dLoss / dparameters, of their shape. */
  static final String GRADIENTS = "gradients";

  /** dLoss / dwords, of their shape. */
  static final String WORD_GRADIENTS = "word_gradients";

  /** dLoss / dgates, of their shape. */
  static final String GATE_GRADIENTS = "gate_gradients";

  /** First tokens' vectors and mean vectors, each (batch, hidden). */
  static final String POOLED_FIRST = "pooled_first";

  static final String POOLED_MEAN = "pooled_mean";

  private Tensors() {}
}
