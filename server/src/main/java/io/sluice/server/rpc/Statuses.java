package io.sluice.server.rpc;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.sluice.backbone.SluiceException;
import io.sluice.server.engine.OverloadedException;
import java.util.concurrent.CompletionException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Failures as gRPC statuses. Each {@link io.sluice.backbone.ErrorCode} is the status of the same
 * name and our message its text; an overload says in {@code google.rpc.RetryInfo} when to come
 * back. Whatever else is thrown is a fault of ours: logged with its trace, told as INTERNAL without
 * it.
 */
public final class Statuses {
  private static final Logger log = LoggerFactory.getLogger(Statuses.class);

  private static final int SHOWN_CHARS = 2000;
  private static final Pattern UNPRINTABLE =
      Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]");

  private Statuses() {}

  /** What to tell the client about {@code failure}. */
  public static StatusRuntimeException of(@Nullable Throwable failure) {
    if (failure instanceof CompletionException && failure.getCause() != null) {
      return of(failure.getCause());
    }
    if (failure instanceof OverloadedException overload) {
      return overloaded(overload);
    }
    if (failure instanceof SluiceException known) {
      return Status.fromCode(Status.Code.valueOf(known.code().name()))
          .withDescription(printable(String.valueOf(known.getMessage())))
          .withCause(known)
          .asRuntimeException();
    }
    if (failure instanceof StatusRuntimeException status) {
      return status;
    }
    log.error("request failed by a fault of the server", failure);
    return Status.INTERNAL
        .withDescription("server: internal fault (see its log)")
        .asRuntimeException();
  }

  private static StatusRuntimeException overloaded(OverloadedException overload) {
    java.time.Duration delay = overload.retryAfter();
    RetryInfo retry =
        RetryInfo.newBuilder()
            .setRetryDelay(
                Duration.newBuilder().setSeconds(delay.getSeconds()).setNanos(delay.getNano()))
            .build();
    StatusRuntimeException told =
        StatusProto.toStatusRuntimeException(
            com.google.rpc.Status.newBuilder()
                .setCode(Status.Code.RESOURCE_EXHAUSTED.value())
                .setMessage(String.valueOf(overload.getMessage()))
                .addDetails(Any.pack(retry))
                .build());
    return new StatusRuntimeException(told.getStatus().withCause(overload), told.getTrailers());
  }

  /** What a client named comes back in messages: never so that a terminal or a log obeys it. */
  private static String printable(String message) {
    String shown =
        message.length() > SHOWN_CHARS ? message.substring(0, SHOWN_CHARS) + "..." : message;
    return UNPRINTABLE.matcher(shown).replaceAll("?");
  }
}
