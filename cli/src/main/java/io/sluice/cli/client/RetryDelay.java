package io.sluice.cli.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** When a server wants something that it refused again, as {@code google.rpc.RetryInfo} says. */
final class RetryDelay {
  private RetryDelay() {}

  /** How long to wait; null where another try would not help. */
  static @Nullable Duration of(Throwable failure) {
    Status status = StatusProto.fromThrowable(failure);
    return status == null ? null : of(status);
  }

  /** The same of a row's error. */
  static @Nullable Duration of(Status status) {
    try {
      for (Any detail : status.getDetailsList()) {
        if (detail.is(RetryInfo.class)) {
          com.google.protobuf.Duration delay = detail.unpack(RetryInfo.class).getRetryDelay();
          return Duration.ofSeconds(delay.getSeconds(), delay.getNanos());
        }
      }
    } catch (InvalidProtocolBufferException e) {
      // Then it does not say.
    }
    return null;
  }
}
