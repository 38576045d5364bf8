package io.sluice.server.rpc;

import static java.util.Objects.requireNonNull;

import com.google.rpc.Status;
import io.grpc.protobuf.StatusProto;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.RowReply;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Rows of batches and streams: whatever becomes of one is its reply. Stateless. */
final class RowAsking {
  private RowAsking() {}

  /**
   * Asks one row.
   *
   * @param ask begins it, or throws a refusal
   * @return never completed with a failure
   */
  static Pending<RowReply> ask(Supplier<Pending<ClassifyReply>> ask) {
    Pending<ClassifyReply> pending;
    try {
      pending = ask.get();
    } catch (RuntimeException e) {
      return Pending.done(failed(e));
    }
    CompletableFuture<RowReply> reply =
        pending
            .reply()
            .handle((made, failure) -> failure == null ? answered(made) : failed(failure));
    return new Pending<>(reply, pending.cancelling());
  }

  private static RowReply answered(ClassifyReply reply) {
    return RowReply.newBuilder().setReply(reply).build();
  }

  private static RowReply failed(@Nullable Throwable failure) {
    Status status = requireNonNull(StatusProto.fromThrowable(Statuses.of(failure)), "status");
    return RowReply.newBuilder().setError(status).build();
  }
}
