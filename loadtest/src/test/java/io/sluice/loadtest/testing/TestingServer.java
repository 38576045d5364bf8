package io.sluice.loadtest.testing;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.sluice.backbone.Digest;
import io.sluice.loadtest.Target;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.InferenceServiceGrpc;
import io.sluice.proto.v1.ReplyInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A real gRPC server on a free port that computes nothing: it answers with the digest it is told
 * to, or refuses. Thread-safe.
 */
public final class TestingServer implements AutoCloseable {
  private record Active(Digest digest, long generation) {}

  private final Server server;
  private final AtomicLong requests = new AtomicLong();
  private volatile Active active = new Active(digest("none"), 0);
  private volatile Status.@Nullable Code refusal;

  public TestingServer() throws IOException {
    server =
        NettyServerBuilder.forPort(0)
            .addService(
                new InferenceServiceGrpc.InferenceServiceImplBase() {
                  @Override
                  public void classify(
                      ClassifyRequest request, StreamObserver<ClassifyReply> observer) {
                    reply(observer);
                  }
                })
            .build()
            .start();
  }

  /** A digest of its own for every name. */
  public static Digest digest(String name) {
    return Digest.of(name.getBytes(StandardCharsets.UTF_8));
  }

  public Target target() {
    return Target.local(server.getPort());
  }

  /** Requests so far. */
  public long requests() {
    return requests.get();
  }

  /** Answers in the name of {@code digest} from now on, with the next generation. */
  public Digest answerAs(Digest digest) {
    active = new Active(digest, active.generation() + 1);
    return digest;
  }

  /** Refuses everything from now on. */
  public void refuse(Status.Code code) {
    refusal = code;
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private void reply(StreamObserver<ClassifyReply> observer) {
    requests.incrementAndGet();
    Active now = active;
    Status.Code code = refusal;
    if (code != null) {
      observer.onError(Status.fromCode(code).asRuntimeException());
      return;
    }
    observer.onNext(
        ClassifyReply.newBuilder()
            .setLabel("yes")
            .setInfo(
                ReplyInfo.newBuilder()
                    .setBundleDigest(now.digest().toString())
                    .setGeneration(now.generation()))
            .build());
    observer.onCompleted();
  }
}
