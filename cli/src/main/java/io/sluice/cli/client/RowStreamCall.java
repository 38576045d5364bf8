package io.sluice.cli.client;

import static java.util.Objects.requireNonNull;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.sluice.proto.v1.ClassifyStreamReply;
import io.sluice.proto.v1.ClassifyStreamRequest;
import io.sluice.proto.v1.RowReply;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of a stream of rows, which keeps so few of them under way that none of them
 * lies long in memory. Thread-safe.
 */
final class RowStreamCall
    implements ClientResponseObserver<ClassifyStreamRequest, ClassifyStreamReply> {
  /** Twice of what a server reads ahead, so that it always has some to read. */
  private static final int UNDER_WAY = 128;

  private final Consumer<RowReply> each;
  private final Duration timeout;
  private final Semaphore room = new Semaphore(UNDER_WAY);
  private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
  private volatile @Nullable ClientCallStreamObserver<ClassifyStreamRequest> requests;

  /**
   * @param timeout from one reply to the next
   */
  RowStreamCall(Consumer<RowReply> each, Duration timeout) {
    this.each = requireNonNull(each, "each");
    this.timeout = requireNonNull(timeout, "timeout");
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<ClassifyStreamRequest> stream) {
    requests = stream;
  }

  /**
   * Waits until another row may be sent.
   *
   * @throws StatusRuntimeException when the stream has ended, or no reply comes
   */
  void awaitRoom() {
    try {
      if (!room.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        throw late();
      }
    } catch (InterruptedException e) {
      throw interrupted();
    }
    if (end.isDone()) {
      awaitEnd();
    }
  }

  /**
   * Waits for the end of the stream.
   *
   * @throws StatusRuntimeException when it is no good one, or replies stop coming
   */
  void awaitEnd() {
    int left = room.availablePermits();
    while (true) {
      try {
        end.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        return;
      } catch (ExecutionException e) {
        throw Status.fromThrowable(e.getCause()).asRuntimeException();
      } catch (TimeoutException e) {
        if (room.availablePermits() == left) {
          throw late();
        }
        left = room.availablePermits();
      } catch (InterruptedException e) {
        throw interrupted();
      }
    }
  }

  void cancel() {
    ClientCallStreamObserver<ClassifyStreamRequest> open = requests;
    if (open != null) {
      open.cancel("not wanted any more", null);
    }
  }

  @Override
  public void onNext(ClassifyStreamReply reply) {
    each.accept(reply.getRow());
    room.release();
  }

  @Override
  public void onError(Throwable failure) {
    end.completeExceptionally(failure);
    room.release(UNDER_WAY);
  }

  @Override
  public void onCompleted() {
    end.complete(null);
    room.release(UNDER_WAY);
  }

  private StatusRuntimeException late() {
    return Status.DEADLINE_EXCEEDED
        .withDescription("no reply in " + timeout.toSeconds() + " s (expected: one)")
        .asRuntimeException();
  }

  private static StatusRuntimeException interrupted() {
    Thread.currentThread().interrupt();
    return Status.CANCELLED.withDescription("interrupted (expected: a reply)").asRuntimeException();
  }
}
