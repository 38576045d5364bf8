package io.sluice.server.rpc;

import static java.util.Objects.requireNonNull;

import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.RowReply;
import io.sluice.server.engine.OverloadedException;
import io.sluice.server.engine.OverloadedException.Reason;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Rows of batches and streams: whatever becomes of one is its reply. Thread-safe. */
final class RowAsking {
  private final Consumer<Reason> refused;

  /**
   * @param refused hears of every row that is turned away; must not block
   */
  RowAsking(Consumer<Reason> refused) {
    this.refused = requireNonNull(refused, "refused");
  }

  /**
   * Asks one row.
   *
   * @param ask begins it, or throws a refusal
   * @return never completed with a failure
   */
  Pending<RowReply> ask(Supplier<Pending<ClassifyReply>> ask) {
    Pending<ClassifyReply> pending;
    try {
      pending = ask.get();
    } catch (RuntimeException | Error e) {
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

  private RowReply failed(@Nullable Throwable failure) {
    StatusRuntimeException told = Statuses.of(failure);
    if (told.getStatus().getCause() instanceof OverloadedException overload) {
      refused.accept(overload.reason());
    }
    Status status = requireNonNull(StatusProto.fromThrowable(told), "status");
    return RowReply.newBuilder().setError(status).build();
  }
}
