package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.time.Duration;

/** A refusal because the queue is full, with a guess at when it will not be. */
public final class OverloadedException extends SluiceException {
  private static final long serialVersionUID = 1L;

  private final Duration retryAfter;

  OverloadedException(String message, Duration retryAfter) {
    super(ErrorCode.RESOURCE_EXHAUSTED, message);
    this.retryAfter = requireNonNull(retryAfter, "retryAfter");
  }

  public Duration retryAfter() {
    return retryAfter;
  }
}
