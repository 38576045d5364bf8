package io.sluice.loadtest.client;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.netty.handler.ssl.NotSslRecordException;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.util.Arrays;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Turns a gRPC status into our one exception; the names of the codes are the same. */
public final class Refusals {
  private Refusals() {}

  /**
   * Why a call failed.
   *
   * @param server the port that was asked, for messages
   */
  public static SluiceException of(Throwable failure, String server) {
    Status status =
        failure instanceof StatusException || failure instanceof StatusRuntimeException
            ? Status.fromThrowable(failure)
            : Status.UNKNOWN.withCause(failure);
    ErrorCode code =
        Arrays.stream(ErrorCode.values())
            .filter(known -> known.name().equals(status.getCode().name()))
            .findFirst()
            .orElse(ErrorCode.INTERNAL);
    return new SluiceException(code, message(status, server), failure);
  }

  private static String message(Status status, String server) {
    String description = status.getDescription();
    String secrecy = secrecy(status.getCause());
    if (secrecy != null) {
      return "server: " + server + ": " + secrecy;
    }
    if (status.getCode() == Status.Code.UNAVAILABLE && status.getCause() != null) {
      return "server: "
          + server
          + ": no connection (expected: a running server; start one with: sluice serve)";
    }
    if (description != null && !description.isBlank()) {
      return description;
    }
    return "server: " + server + ": " + status.getCode() + " (expected: a reply)";
  }

  /** What is wrong with TLS, where that is what failed. */
  private static @Nullable String secrecy(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof NotSslRecordException) {
        return "speaks plain text, not TLS (expected: the command without --tls, --ca, --cert)";
      }
      if (cause instanceof SSLException) {
        return "TLS: "
            + cause.getMessage()
            + " (expected: a server that --ca vouches for under this name, and where it asks for"
            + " one, a certificate by --cert and --key)";
      }
    }
    return null;
  }
}
