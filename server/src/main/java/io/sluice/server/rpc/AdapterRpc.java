package io.sluice.server.rpc;

import static java.util.Objects.requireNonNull;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.proto.v1.ActivateReply;
import io.sluice.proto.v1.ActivateRequest;
import io.sluice.proto.v1.AdapterServiceGrpc;
import io.sluice.proto.v1.DescribeReply;
import io.sluice.proto.v1.DescribeRequest;
import io.sluice.proto.v1.ListReply;
import io.sluice.proto.v1.ListRequest;
import io.sluice.proto.v1.RegisterBundleReply;
import io.sluice.proto.v1.RegisterBundleRequest;
import io.sluice.proto.v1.RetireReply;
import io.sluice.proto.v1.RetireRequest;
import io.sluice.proto.v1.RollbackReply;
import io.sluice.proto.v1.RollbackRequest;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.server.activation.TaskActivator;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/**
 * {@code sluice.v1.AdapterService} over the store and the activation pipeline. Thread-safe; works
 * on {@code executor}, because it reads and writes the disk. What the executor has no room for is
 * refused; what nobody waits for any more when its turn comes is not done.
 */
public final class AdapterRpc extends AdapterServiceGrpc.AdapterServiceImplBase {
  private final BundleLimits limits;
  private final ExecutorService executor;
  private final TaskMessages messages;

  public AdapterRpc(TaskActivator activator, BundleLimits limits, ExecutorService executor) {
    this.limits = requireNonNull(limits, "limits");
    this.executor = requireNonNull(executor, "executor");
    this.messages = new TaskMessages(requireNonNull(activator, "activator"));
  }

  @Override
  public StreamObserver<RegisterBundleRequest> registerBundle(
      StreamObserver<RegisterBundleReply> observer) {
    letCancel(observer);
    return new BundleUpload(
        limits, observer, upload -> answer(observer, () -> messages.register(upload)));
  }

  @Override
  public void activate(ActivateRequest request, StreamObserver<ActivateReply> observer) {
    letCancel(observer);
    answer(observer, () -> messages.activate(request));
  }

  @Override
  public void rollback(RollbackRequest request, StreamObserver<RollbackReply> observer) {
    letCancel(observer);
    answer(observer, () -> messages.rollback(request));
  }

  @Override
  public void retire(RetireRequest request, StreamObserver<RetireReply> observer) {
    letCancel(observer);
    answer(observer, () -> messages.retire(request));
  }

  @Override
  public void list(ListRequest request, StreamObserver<ListReply> observer) {
    letCancel(observer);
    answer(observer, messages::list);
  }

  @Override
  public void describe(DescribeRequest request, StreamObserver<DescribeReply> observer) {
    letCancel(observer);
    answer(observer, () -> messages.describe(request));
  }

  /** Without a handler of its own, a reply to a call that was cancelled meanwhile throws. */
  private static void letCancel(StreamObserver<?> observer) {
    ((ServerCallStreamObserver<?>) observer).setOnCancelHandler(() -> {});
  }

  private <R> void answer(StreamObserver<R> observer, Supplier<R> work) {
    try {
      executor.execute(() -> work(observer, work));
    } catch (RejectedExecutionException e) {
      observer.onError(Statuses.of(refusal(e)));
    }
  }

  private static <R> void work(StreamObserver<R> observer, Supplier<R> work) {
    if (((ServerCallStreamObserver<R>) observer).isCancelled()) {
      return;
    }
    R reply;
    try {
      reply = work.get();
    } catch (RuntimeException | Error e) {
      observer.onError(Statuses.of(e));
      return;
    }
    observer.onNext(reply);
    observer.onCompleted();
  }

  private SluiceException refusal(RejectedExecutionException e) {
    return executor.isShutdown()
        ? new SluiceException(
            ErrorCode.UNAVAILABLE, "server: draining (expected: accepting requests)", e)
        : new SluiceException(
            ErrorCode.RESOURCE_EXHAUSTED,
            "administration: too many calls wait (expected: fewer at a time)",
            e);
  }
}
