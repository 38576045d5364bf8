package io.sluice.server.engine;

import io.sluice.backbone.runtime.Tensor;
import java.util.List;

/**
 * The tensors over one task's weights of one structure, closed when neither {@link OpenWeights} nor
 * a batch uses them any more. Thread-safe.
 */
final class OpenTensors {
  private final List<Tensor> tensors;
  private final RefCount users;

  /**
   * Takes over {@code tensors}; its first user is the caller.
   *
   * @param closed told when they are closed
   */
  OpenTensors(List<Tensor> tensors, Runnable closed) {
    this.tensors = List.copyOf(tensors);
    this.users =
        new RefCount(
            () -> {
              tensors.forEach(Tensor::close);
              closed.run();
            });
  }

  List<Tensor> tensors() {
    return tensors;
  }

  boolean tryRetain() {
    return users.tryRetain();
  }

  void release() {
    users.release();
  }
}
