package io.sluice.server.rpc;

import static java.util.Objects.requireNonNull;

import io.grpc.stub.StreamObserver;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.proto.v1.ActivateReply;
import io.sluice.proto.v1.ActivateRequest;
import io.sluice.proto.v1.AdapterServiceGrpc;
import io.sluice.proto.v1.ListReply;
import io.sluice.proto.v1.ListRequest;
import io.sluice.proto.v1.RegisterBundleReply;
import io.sluice.proto.v1.RegisterBundleRequest;
import io.sluice.proto.v1.RollbackReply;
import io.sluice.proto.v1.RollbackRequest;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.server.activation.TaskActivator;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/**
 * {@code sluice.v1.AdapterService} over the store and the activation pipeline. Thread-safe; works
 * on {@code executor}, because it reads and writes the disk.
 */
public final class AdapterRpc extends AdapterServiceGrpc.AdapterServiceImplBase {
  private final BundleLimits limits;
  private final Executor executor;
  private final TaskMessages messages;

  public AdapterRpc(TaskActivator activator, BundleLimits limits, Executor executor) {
    this.limits = requireNonNull(limits, "limits");
    this.executor = requireNonNull(executor, "executor");
    this.messages = new TaskMessages(requireNonNull(activator, "activator"));
  }

  @Override
  public StreamObserver<RegisterBundleRequest> registerBundle(
      StreamObserver<RegisterBundleReply> observer) {
    return new BundleUpload(
        limits, observer, upload -> answer(observer, () -> messages.register(upload)));
  }

  @Override
  public void activate(ActivateRequest request, StreamObserver<ActivateReply> observer) {
    answer(observer, () -> messages.activate(request));
  }

  @Override
  public void rollback(RollbackRequest request, StreamObserver<RollbackReply> observer) {
    answer(observer, () -> messages.rollback(request));
  }

  @Override
  public void list(ListRequest request, StreamObserver<ListReply> observer) {
    answer(observer, messages::list);
  }

  private <R> void answer(StreamObserver<R> observer, Supplier<R> work) {
    try {
      executor.execute(
          () -> {
            R reply;
            try {
              reply = work.get();
            } catch (RuntimeException e) {
              observer.onError(Statuses.of(e));
              return;
            }
            observer.onNext(reply);
            observer.onCompleted();
          });
    } catch (RejectedExecutionException e) {
      observer.onError(
          Statuses.of(
              new SluiceException(
                  ErrorCode.UNAVAILABLE, "server: draining (expected: accepting requests)", e)));
    }
  }
}
