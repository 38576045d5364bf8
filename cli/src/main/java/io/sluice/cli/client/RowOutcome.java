package io.sluice.cli.client;

import static java.util.Objects.requireNonNull;

import com.google.rpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * What became of a row. Immutable.
 *
 * @param reply null where there is none
 * @param error why there is none; OK where there is one
 */
public record RowOutcome<R>(@Nullable R reply, Status error) {
  public RowOutcome {
    requireNonNull(error, "error");
  }

  static <R> RowOutcome<R> of(R reply) {
    return new RowOutcome<>(requireNonNull(reply, "reply"), Status.getDefaultInstance());
  }

  static <R> RowOutcome<R> failed(Status error) {
    return new RowOutcome<>(null, error);
  }
}
