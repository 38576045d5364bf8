package io.sluice.backbone;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * The one exception for failures a user can meet: a closed {@link ErrorCode} and a message that
 * names the thing, what was found and what was expected. Mistakes of the calling code are {@link
 * IllegalArgumentException} and {@link IllegalStateException} instead.
 */
public class SluiceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  public SluiceException(ErrorCode code, String message) {
    this(code, message, null);
  }

  public SluiceException(ErrorCode code, String message, @Nullable Throwable cause) {
    super(requireNonNull(message, "message"), cause);
    this.code = requireNonNull(code, "code");
  }

  /** The kind of failure. */
  public final ErrorCode code() {
    return code;
  }
}
