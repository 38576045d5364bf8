package io.sluice.server.activation;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Digest;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import org.jspecify.annotations.Nullable;

/** What the caller of an activation takes for active now: the expectation of a compare-and-set. */
public sealed interface ExpectedActive {
  /** Whatever is active may be replaced. */
  record Anything() implements ExpectedActive {
    @Override
    public void require(String task, @Nullable Digest active) {}
  }

  /** Nothing is active yet. */
  record Nothing() implements ExpectedActive {
    @Override
    public void require(String task, @Nullable Digest active) {
      if (active != null) {
        throw lost(task, active.toString(), "none");
      }
    }
  }

  /** This very bundle is active. */
  record Bundle(Digest digest) implements ExpectedActive {
    public Bundle {
      requireNonNull(digest, "digest");
    }

    @Override
    public void require(String task, @Nullable Digest active) {
      if (!digest.equals(active)) {
        throw lost(task, active == null ? "none" : active.toString(), digest.toString());
      }
    }
  }

  /**
   * Refuses what is not as expected.
   *
   * @throws SluiceException ABORTED when {@code active} is something else
   */
  void require(String task, @Nullable Digest active);

  private static SluiceException lost(String task, String found, String expected) {
    return new SluiceException(
        ErrorCode.ABORTED,
        "task \"" + task + "\": active bundle " + found + " (expected: " + expected + ")");
  }
}
