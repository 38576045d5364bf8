package io.sluice.loadtest;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.sluice.backbone.Digest;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.proto.v1.ActivateRequest;
import io.sluice.proto.v1.Activation;
import io.sluice.proto.v1.AdapterServiceGrpc;
import io.sluice.proto.v1.BundleHeader;
import io.sluice.proto.v1.RegisterBundleReply;
import io.sluice.proto.v1.RegisterBundleRequest;
import io.sluice.proto.v1.RollbackRequest;
import io.sluice.registry.bundle.AdapterBundle;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * One connection to an admin port, over grpc-netty. Blocking calls; thread-safe. A refusal is a
 * {@link SluiceException} with the code of its status.
 */
public final class AdminCalls implements AutoCloseable {
  private static final int CHUNK_BYTES = 1 << 18;

  private final Target target;
  private final ManagedChannel channel;
  private final long deadlineNanos;

  /**
   * Connects with the first call.
   *
   * @param deadline of each call; an activation builds, warms and probes within it
   */
  public AdminCalls(Target target, Duration deadline) {
    this.target = requireNonNull(target, "target");
    this.deadlineNanos = deadline.toNanos();
    this.channel =
        NettyChannelBuilder.forAddress(target.host(), target.port()).usePlaintext().build();
  }

  /** Another connection to the same port; the caller closes it. */
  public AdminCalls another() {
    return new AdminCalls(target, Duration.ofNanos(deadlineNanos));
  }

  /** Sends the bundle and makes it answer for the task. */
  public ActivationOutcome register(String task, AdapterBundle bundle) {
    return register(task, bundle.bytes());
  }

  /**
   * The same with the bytes of a bundle, which may be none.
   *
   * @param bytes not written to while the call lasts
   */
  public ActivationOutcome register(String task, byte[] bytes) {
    return outcome(send(task, bytes, true).getActivation());
  }

  /** Sends the bundle as a revision of the task, and leaves what answers as it is. */
  public void store(String task, AdapterBundle bundle) {
    send(task, bundle.bytes(), false);
  }

  /** Makes a stored bundle answer for the task. */
  public ActivationOutcome activate(String task, Digest digest) {
    try {
      return outcome(
          AdapterServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(deadlineNanos, TimeUnit.NANOSECONDS)
              .activate(
                  ActivateRequest.newBuilder().setTask(task).setDigest(digest.toString()).build())
              .getActivation());
    } catch (StatusRuntimeException e) {
      throw refused("activate " + task, e);
    }
  }

  /** Makes the bundle answer for the task that did before the present one. */
  public ActivationOutcome rollback(String task) {
    try {
      return outcome(
          AdapterServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(deadlineNanos, TimeUnit.NANOSECONDS)
              .rollback(RollbackRequest.newBuilder().setTask(task).build())
              .getActivation());
    } catch (StatusRuntimeException e) {
      throw refused("rollback " + task, e);
    }
  }

  /** Ends calls that are under way after a second. */
  @Override
  public void close() {
    channel.shutdown();
    try {
      if (!channel.awaitTermination(1, TimeUnit.SECONDS)) {
        channel.shutdownNow();
      }
    } catch (InterruptedException e) {
      channel.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  private RegisterBundleReply send(String task, byte[] bytes, boolean activate) {
    CompletableFuture<RegisterBundleReply> reply = new CompletableFuture<>();
    StreamObserver<RegisterBundleRequest> upload =
        AdapterServiceGrpc.newStub(channel)
            .withDeadlineAfter(deadlineNanos, TimeUnit.NANOSECONDS)
            .registerBundle(new OneReply<>(reply));
    upload.onNext(
        RegisterBundleRequest.newBuilder()
            .setHeader(BundleHeader.newBuilder().setTask(task).setActivate(activate))
            .build());
    ByteString content = UnsafeByteOperations.unsafeWrap(bytes);
    for (int from = 0; from < content.size() && !reply.isDone(); from += CHUNK_BYTES) {
      int to = Math.min(content.size(), from + CHUNK_BYTES);
      upload.onNext(
          RegisterBundleRequest.newBuilder().setChunk(content.substring(from, to)).build());
    }
    upload.onCompleted();
    try {
      return reply.join();
    } catch (CompletionException e) {
      throw refused("register " + task, e.getCause() == null ? e : e.getCause());
    }
  }

  private SluiceException refused(String call, Throwable failure) {
    Status status = Status.fromThrowable(failure);
    ErrorCode code =
        Arrays.stream(ErrorCode.values())
            .filter(known -> known.name().equals(status.getCode().name()))
            .findFirst()
            .orElse(ErrorCode.INTERNAL);
    return new SluiceException(
        code, target + ": " + call + ": " + status.getDescription(), failure);
  }

  private static ActivationOutcome outcome(Activation activation) {
    return new ActivationOutcome(
        Digest.parse(activation.getDigest()),
        activation.getGeneration(),
        activation.getCompiledStructures(),
        activation.getResidentBytes());
  }

  /** Hears the one reply of a call. */
  private record OneReply<T>(CompletableFuture<T> reply) implements StreamObserver<T> {
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
