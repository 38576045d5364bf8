package io.sluice.server.oip;

import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.server.testing.ServedBundles;

/** Tasks that are asked by other names than {@code text}. */
final class Models {
  private Models() {}

  static AdapterBundle pairs(ServedBundles bundles) {
    return bundles.proven(
        bundles.builder().seed(6).textFields("premise", "hypothesis").adaptAt(2, 4));
  }

  /** Answered by yes or no. */
  static AdapterBundle questions(ServedBundles bundles) {
    return bundles.proven(
        bundles
            .builder()
            .seed(4)
            .kind(TaskKind.ANSWER_BOOLEAN, "false", "true")
            .textFields("question", "passage")
            .adaptAt(2, 4));
  }
}
