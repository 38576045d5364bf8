package io.sluice.trainer.model;

import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.Value;
import io.sluice.registry.bundle.Pooling;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What turns final hidden states into answers: its weights, its nodes, the loss it learns by. */
public sealed interface TaskHead permits LinearHead, SpanHead {
  /** Its name in manifests. */
  String code();

  /** How it makes one vector of a row; {@link Pooling#NONE} if it answers for each token. */
  Pooling pooling();

  /** Numbers a row is answered with, or a token of it. */
  int labels();

  /** What it learns by. */
  Loss loss();

  /** Its weights, in the order they are stored. */
  List<ParameterSpec> parameters(int hidden);

  /**
   * Writes the nodes that make what its loss reads.
   *
   * @param hidden final hidden states (batch, seq, hidden), float32; (batch, 1, hidden), the first
   *     token's, where it reads no other
   * @param mask (batch, seq), int64, 1 where there is a token
   * @param keep factors (batch, hidden) for what it reads of a row, in training: dropout
   */
  String scores(
      GraphBuilder graph,
      String hidden,
      String mask,
      @Nullable String keep,
      Map<String, String> weights);

  /** Declares the outputs the adapter ABI asks for, made of its scores. */
  void outputs(GraphBuilder graph, String scores);

  /** The targets its loss reads, to declare with. */
  Value targets();
}
