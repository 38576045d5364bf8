package io.sluice.loadtest;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.InferenceServiceGrpc;
import io.sluice.proto.v1.ReplyInfo;
import java.io.IOException;

/** A real gRPC server whose answers the test decides. Thread-safe. */
final class CannedServer implements AutoCloseable {
  private final Server server;
  private volatile String digest = "first";
  private volatile boolean failing;

  CannedServer() throws IOException {
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

  int port() {
    return server.getPort();
  }

  void answerAs(String newDigest) {
    digest = newDigest;
  }

  void fail(boolean newFailing) {
    failing = newFailing;
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private void reply(StreamObserver<ClassifyReply> observer) {
    if (failing) {
      observer.onError(Status.UNAVAILABLE.asRuntimeException());
      return;
    }
    ReplyInfo info = ReplyInfo.newBuilder().setBundleDigest(digest).build();
    observer.onNext(ClassifyReply.newBuilder().setInfo(info).build());
    observer.onCompleted();
  }
}
