package io.sluice.loadtest;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.Duration;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.sluice.backbone.TextPair;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.InferenceServiceGrpc;
import io.sluice.proto.v1.InferenceServiceGrpc.InferenceServiceBlockingStub;
import io.sluice.proto.v1.ReplyInfo;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One connection to a data port, over grpc-netty. Blocking calls; thread-safe. */
public final class InferenceCalls implements AutoCloseable {
  private static final long NANOS = 1_000_000_000L;

  private final ManagedChannel channel;
  private final InferenceServiceBlockingStub stub;
  private final long deadlineNanos;

  /**
   * Connects with the first call.
   *
   * @param deadline of each call
   */
  public InferenceCalls(Target target, java.time.Duration deadline) {
    requireNonNull(target, "target");
    this.deadlineNanos = deadline.toNanos();
    this.channel =
        NettyChannelBuilder.forAddress(target.host(), target.port())
            .usePlaintext()
            .directExecutor()
            .build();
    this.stub = InferenceServiceGrpc.newBlockingStub(channel);
  }

  /** Asks now; a refusal is an exchange as well. */
  public Exchange classify(int client, String task, TextPair text) {
    return classify(client, task, text, System.nanoTime());
  }

  /**
   * Asks now.
   *
   * @param intendedNanos when that should have happened
   */
  public Exchange classify(int client, String task, TextPair text, long intendedNanos) {
    ClassifyRequest request = request(new Ask(task, text));
    long sent = System.nanoTime();
    try {
      ClassifyReply reply =
          stub.withDeadlineAfter(deadlineNanos, TimeUnit.NANOSECONDS).classify(request);
      long received = System.nanoTime();
      return new Exchange(client, task, intendedNanos, sent, received, Exchange.OK, reply(reply));
    } catch (StatusRuntimeException e) {
      Status.Code code = e.getStatus().getCode();
      return new Exchange(client, task, intendedNanos, sent, System.nanoTime(), code.name(), null);
    }
  }

  /** Ends calls that are under way after a second. */
  @Override
  public void close() {
    Channels.close(List.of(channel));
  }

  static ClassifyRequest request(Ask ask) {
    ClassifyRequest.Builder request =
        ClassifyRequest.newBuilder().setTask(ask.task()).setText(ask.text().text());
    String pair = ask.text().pair();
    if (pair != null) {
      request.setTextPair(pair);
    }
    return request.build();
  }

  static Exchange.Reply reply(ClassifyReply reply) {
    ReplyInfo info = reply.getInfo();
    return new Exchange.Reply(
        info.getBundleDigest(),
        info.getGeneration(),
        reply.getLabel(),
        info.getTokens(),
        nanos(info.getTimings().getQueue()),
        nanos(info.getTimings().getTokenize()),
        nanos(info.getTimings().getCompute()));
  }

  private static long nanos(Duration duration) {
    return duration.getSeconds() * NANOS + duration.getNanos();
  }
}
