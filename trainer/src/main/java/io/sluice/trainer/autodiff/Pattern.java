package io.sluice.trainer.autodiff;

import io.sluice.backbone.graph.Node;
import java.util.List;
import java.util.Set;

/** A shape of subgraph, known by its last node, and what is written instead. Stateless. */
interface Pattern {

  /** The replacement if the subgraph ends in this node, or {@link Match#NONE}. */
  Match at(Node last, Subject graph);

  /**
   * A found subgraph.
   *
   * @param replaced nodes that go, the last one included; nothing else reads what they make
   * @param written nodes that come, where the last one was; they make what it made
   */
  record Match(Set<Node> replaced, List<Node> written) {
    static final Match NONE = new Match(Set.of(), List.of());

    boolean found() {
      return !written.isEmpty();
    }
  }
}
