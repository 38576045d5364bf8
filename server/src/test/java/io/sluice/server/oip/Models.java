package io.sluice.server.oip;

import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.ServedBundles;

/** Three tasks of three kinds: one text, two texts by names of the task's own, a question. */
final class Models {
  private Models() {}

  /**
   * Activates {@code film}, {@code pairs} and {@code boolq}.
   *
   * @return the bundle of {@code film}
   */
  static AdapterBundle activate(RunningServer server, ServedBundles bundles) {
    AdapterBundle film = bundles.bundle(1, 1, 3);
    server.activate("film", film);
    server.activate("pairs", pairs(bundles));
    server.activate("boolq", questions(bundles));
    return film;
  }

  private static AdapterBundle pairs(ServedBundles bundles) {
    return bundles.proven(
        bundles.builder().seed(6).textFields("premise", "hypothesis").adaptAt(2, 4));
  }

  /** Answered by yes or no. */
  private static AdapterBundle questions(ServedBundles bundles) {
    return bundles.proven(
        bundles
            .builder()
            .seed(4)
            .kind(TaskKind.ANSWER_BOOLEAN, "false", "true")
            .textFields("question", "passage")
            .adaptAt(2, 4));
  }
}
