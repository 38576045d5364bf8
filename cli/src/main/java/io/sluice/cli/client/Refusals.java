package io.sluice.cli.client;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.util.Arrays;

/** Turns a gRPC status into our one exception; the names of the codes are the same. */
final class Refusals {
  private Refusals() {}

  static SluiceException of(Throwable failure, Endpoint endpoint) {
    Status status =
        failure instanceof StatusException || failure instanceof StatusRuntimeException
            ? Status.fromThrowable(failure)
            : Status.UNKNOWN.withCause(failure);
    ErrorCode code =
        Arrays.stream(ErrorCode.values())
            .filter(known -> known.name().equals(status.getCode().name()))
            .findFirst()
            .orElse(ErrorCode.INTERNAL);
    return new SluiceException(code, message(status, endpoint), failure);
  }

  private static String message(Status status, Endpoint endpoint) {
    String description = status.getDescription();
    if (status.getCode() == Status.Code.UNAVAILABLE && status.getCause() != null) {
      return "server: "
          + endpoint
          + ": no connection (expected: a running server; start one with: sluice serve)";
    }
    if (description != null && !description.isBlank()) {
      return description;
    }
    return "server: " + endpoint + ": " + status.getCode() + " (expected: a reply)";
  }
}
