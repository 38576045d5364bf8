package io.sluice.loadtest.client;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.StreamObserver;
import io.sluice.backbone.Digest;
import io.sluice.proto.v1.ActivateReply;
import io.sluice.proto.v1.ActivateRequest;
import io.sluice.proto.v1.AdapterServiceGrpc;
import io.sluice.proto.v1.AdapterServiceGrpc.AdapterServiceBlockingStub;
import io.sluice.proto.v1.BundleHeader;
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
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Administers a server: bundles in, tasks moved between bundles. Blocking, thread-safe. */
public final class AdminClient {
  private static final int CHUNK_BYTES = 1 << 18;

  private final Channel channel;
  private final String server;
  private final Duration timeout;

  /**
   * @param channel to the server's admin port; stays the caller's
   * @param server that port, for messages
   * @param timeout of a call; an activation builds, warms and probes within it
   */
  public AdminClient(Channel channel, String server, Duration timeout) {
    this.channel = requireNonNull(channel, "channel");
    this.server = requireNonNull(server, "server");
    this.timeout = requireNonNull(timeout, "timeout");
  }

  /**
   * Sends a bundle.
   *
   * @param bytes the bundle's file; not written to while the call lasts
   * @param activate whether it shall answer at once
   */
  public RegisterBundleReply register(String task, byte[] bytes, boolean activate) {
    CompletableFuture<RegisterBundleReply> reply = new CompletableFuture<>();
    StreamObserver<RegisterBundleRequest> request =
        timed(AdapterServiceGrpc.newStub(channel)).registerBundle(new Only<>(reply));
    request.onNext(
        RegisterBundleRequest.newBuilder()
            .setHeader(BundleHeader.newBuilder().setTask(task).setActivate(activate))
            .build());
    ByteString content = UnsafeByteOperations.unsafeWrap(bytes);
    for (int from = 0; from < bytes.length && !reply.isDone(); from += CHUNK_BYTES) {
      int to = Math.min(bytes.length, from + CHUNK_BYTES);
      request.onNext(
          RegisterBundleRequest.newBuilder().setChunk(content.substring(from, to)).build());
    }
    request.onCompleted();
    try {
      return reply.join();
    } catch (CompletionException e) {
      throw Refusals.of(e.getCause() == null ? e : e.getCause(), server);
    }
  }

  /**
   * Makes a registered bundle answer for its task.
   *
   * @param expected what must be active now, or null where anything may be
   */
  public ActivateReply activate(String task, Digest digest, @Nullable Digest expected) {
    return activate(
        ActivateRequest.newBuilder().setTask(task).setDigest(digest.toString()), expected);
  }

  /**
   * Makes the numbered revision of a task answer for it.
   *
   * @param expected what must be active now, or null where anything may be
   */
  public ActivateReply activate(String task, long revision, @Nullable Digest expected) {
    return activate(ActivateRequest.newBuilder().setTask(task).setRevision(revision), expected);
  }

  /** Makes the bundle answer that did so before the present one. */
  public RollbackReply rollback(String task) {
    return asked(stub -> stub.rollback(RollbackRequest.newBuilder().setTask(task).build()));
  }

  /**
   * Takes the task out of service and forgets it.
   *
   * @param expected what must be active now, or null where anything may be
   */
  public RetireReply retire(String task, @Nullable Digest expected) {
    RetireRequest.Builder request = RetireRequest.newBuilder().setTask(task);
    if (expected != null) {
      request.setExpectedActiveDigest(expected.toString());
    }
    return asked(stub -> stub.retire(request.build()));
  }

  /** Every task, by name. */
  public ListReply list() {
    return asked(stub -> stub.list(ListRequest.getDefaultInstance()));
  }

  /** One task, with what its active bundle costs. */
  public DescribeReply describe(String task) {
    return asked(stub -> stub.describe(DescribeRequest.newBuilder().setTask(task).build()));
  }

  private ActivateReply activate(ActivateRequest.Builder request, @Nullable Digest expected) {
    if (expected != null) {
      request.setExpectedActiveDigest(expected.toString());
    }
    return asked(stub -> stub.activate(request.build()));
  }

  private <T> T asked(Function<AdapterServiceBlockingStub, T> call) {
    try {
      return call.apply(timed(AdapterServiceGrpc.newBlockingStub(channel)));
    } catch (StatusRuntimeException e) {
      throw Refusals.of(e, server);
    }
  }

  private <S extends AbstractStub<S>> S timed(S stub) {
    return stub.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Hears the one reply of a call. */
  private record Only<T>(CompletableFuture<T> reply) implements StreamObserver<T> {
    @Override
    public void onNext(T value) {
      reply.complete(value);
    }

    @Override
    public void onError(Throwable failure) {
      reply.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
      reply.completeExceptionally(
          Status.INTERNAL.withDescription("completed without a reply").asRuntimeException());
    }
  }
}
