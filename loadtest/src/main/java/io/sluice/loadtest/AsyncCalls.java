package io.sluice.loadtest;

import static java.util.Objects.requireNonNull;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.InferenceServiceGrpc;
import io.sluice.proto.v1.MultiClassifyReply;
import io.sluice.proto.v1.MultiClassifyRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Some connections to a data port, over grpc-netty, whose calls wait for nobody. What came back is
 * told on a thread of the connection, which must not be held up. Thread-safe.
 */
public final class AsyncCalls implements AutoCloseable {
  /**
   * How a call ended.
   *
   * @param reply null unless the status is OK
   */
  public record Outcome<R>(Status status, @Nullable R reply) {}

  private final List<ManagedChannel> channels = new ArrayList<>();
  private final AtomicInteger turn = new AtomicInteger();

  /**
   * Connects with the first calls.
   *
   * @param connections calls go over them in turns
   */
  public AsyncCalls(Target target, int connections) {
    requireNonNull(target, "target");
    if (connections < 1) {
      throw new IllegalArgumentException("connections: " + connections + " (expected: >= 1)");
    }
    for (int i = 0; i < connections; i++) {
      channels.add(
          NettyChannelBuilder.forAddress(target.host(), target.port())
              .usePlaintext()
              .directExecutor()
              .build());
    }
  }

  /**
   * Asks one task now.
   *
   * @param intendedNanos when that should have happened
   * @return cancels the call
   */
  public Runnable classify(
      Ask ask, long intendedNanos, Duration deadline, Consumer<Exchange> done) {
    long sent = System.nanoTime();
    return send(
        InferenceServiceGrpc.getClassifyMethod(),
        InferenceCalls.request(ask),
        deadline,
        outcome -> {
          long received = System.nanoTime();
          ClassifyReply reply = outcome.reply();
          done.accept(
              new Exchange(
                  0,
                  ask.task(),
                  intendedNanos,
                  sent,
                  received,
                  outcome.status().getCode().name(),
                  reply == null ? null : InferenceCalls.reply(reply)));
        });
  }

  /** Sends any request of the method of one task; returns what cancels the call. */
  public Runnable classify(
      ClassifyRequest request, Duration deadline, Consumer<Outcome<ClassifyReply>> done) {
    return send(InferenceServiceGrpc.getClassifyMethod(), request, deadline, done);
  }

  /** Sends any request of the method of several tasks; returns what cancels the call. */
  public Runnable multiClassify(
      MultiClassifyRequest request, Duration deadline, Consumer<Outcome<MultiClassifyReply>> done) {
    return send(InferenceServiceGrpc.getMultiClassifyMethod(), request, deadline, done);
  }

  /** Ends calls that are under way after a second. */
  @Override
  public void close() {
    Channels.close(channels);
  }

  private <Q, R> Runnable send(
      MethodDescriptor<Q, R> method, Q request, Duration deadline, Consumer<Outcome<R>> done) {
    ManagedChannel channel = channels.get(Math.floorMod(turn.getAndIncrement(), channels.size()));
    ClientCall<Q, R> call =
        channel.newCall(
            method,
            CallOptions.DEFAULT.withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS));
    call.start(new OneReply<>(done), new Metadata());
    call.request(1);
    call.sendMessage(request);
    call.halfClose();
    return () -> call.cancel("nobody waits", null);
  }

  private static final class OneReply<R> extends ClientCall.Listener<R> {
    private final Consumer<Outcome<R>> done;
    private @Nullable R reply;

    OneReply(Consumer<Outcome<R>> done) {
      this.done = requireNonNull(done, "done");
    }

    @Override
    public void onMessage(R message) {
      reply = message;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      done.accept(new Outcome<>(status, status.isOk() ? reply : null));
    }
  }
}
