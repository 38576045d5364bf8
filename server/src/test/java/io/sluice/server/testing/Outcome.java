package io.sluice.server.testing;

import com.google.protobuf.Any;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.sluice.proto.v1.RowReply;
import java.util.List;
import java.util.Objects;

/**
 * How a call or one of its rows ended.
 *
 * @param row whether it was the row that ended so, in a call that went on
 */
public record Outcome(Status.Code code, boolean row, List<Any> details) {
  static Outcome ok() {
    return new Outcome(Status.Code.OK, false, List.of());
  }

  static Outcome of(RowReply reply) {
    return reply.hasError() ? of(reply.getError(), true) : ok();
  }

  static Outcome of(Throwable failure) {
    return of(Objects.requireNonNull(StatusProto.fromThrowable(failure)), false);
  }

  private static Outcome of(com.google.rpc.Status status, boolean row) {
    return new Outcome(
        Status.fromCodeValue(status.getCode()).getCode(), row, status.getDetailsList());
  }

  @Override
  public String toString() {
    return row ? code + " row" : code.toString();
  }
}
