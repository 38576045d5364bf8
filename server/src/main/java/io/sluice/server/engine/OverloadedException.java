package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.time.Duration;

/** A refusal because the queue is full, with a guess at when it will not be. */
public final class OverloadedException extends SluiceException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;
  private final Duration retryAfter;

  /** What there was too much of. */
  public enum Reason {
    /** The queue holds as many rows as it may. */
    QUEUE_FULL,
    /** The rows before it would take too long. */
    QUEUE_WAIT,
    /** The task has its share of the queue already. */
    TASK_SHARE,
    /** The tokenizer has as many texts waiting as it may. */
    TOKENIZER_FULL
  }

  OverloadedException(Reason reason, String message, Duration retryAfter) {
    super(ErrorCode.RESOURCE_EXHAUSTED, message);
    this.reason = requireNonNull(reason, "reason");
    this.retryAfter = requireNonNull(retryAfter, "retryAfter");
  }

  public Reason reason() {
    return reason;
  }

  public Duration retryAfter() {
    return retryAfter;
  }
}
