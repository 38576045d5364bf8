package io.sluice.registry.store;

import io.sluice.backbone.Digest;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.bundle.AdapterBundle;
import org.jspecify.annotations.Nullable;

/** What must hold before a task changes, each with its error. Stateless. */
final class TaskChecks {
  private TaskChecks() {}

  static SluiceException unknown(String task) {
    return new SluiceException(
        ErrorCode.NOT_FOUND, "task: " + task + " (expected: one that has a revision)");
  }

  static Revision revision(TaskState state, Digest digest) {
    return state
        .revision(digest)
        .orElseThrow(
            () ->
                new SluiceException(
                    ErrorCode.NOT_FOUND,
                    "task "
                        + state.name()
                        + ": bundle "
                        + digest
                        + " (expected: one of its "
                        + state.revisions().size()
                        + " revisions)"));
  }

  static void requireActive(TaskState state, @Nullable Digest expected) {
    if (expected != null && !expected.equals(state.active())) {
      throw new SluiceException(
          ErrorCode.ABORTED,
          "task "
              + state.name()
              + ": active "
              + (state.active() == null ? "none" : state.active())
              + " at version "
              + state.version()
              + " (expected: "
              + expected
              + "; another change came first)");
    }
  }

  static void requireNotRetired(TaskState state, Revision revision) {
    if (revision.retired()) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          "task "
              + state.name()
              + ": revision "
              + revision.number()
              + " is retired (expected: one that is not)");
    }
  }

  static void requireNotActive(TaskState state, Revision revision) {
    if (revision.digest().equals(state.active())) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          "task "
              + state.name()
              + ": revision "
              + revision.number()
              + " is active (expected: one that is not)");
    }
  }

  static Digest rollbackTarget(TaskState state) {
    return state
        .rollbackTarget()
        .orElseThrow(
            () ->
                new SluiceException(
                    ErrorCode.FAILED_PRECONDITION,
                    "task "
                        + state.name()
                        + ": nothing to roll back to from "
                        + (state.active() == null ? "none" : state.active())
                        + " (expected: an earlier active revision that is not retired)"));
  }

  static void requireKind(TaskState state, AdapterBundle bundle) {
    if (state.kind() != bundle.manifest().kind()) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          "task "
              + state.name()
              + ": bundle "
              + bundle.digest().shortForm()
              + " of kind "
              + bundle.manifest().kind()
              + " (expected: "
              + state.kind()
              + ", as its other revisions)");
    }
  }
}
