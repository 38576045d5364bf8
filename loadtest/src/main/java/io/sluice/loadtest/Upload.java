package io.sluice.loadtest;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.sluice.proto.v1.AdapterServiceGrpc;
import io.sluice.proto.v1.BundleHeader;
import io.sluice.proto.v1.RegisterBundleReply;
import io.sluice.proto.v1.RegisterBundleRequest;
import java.util.concurrent.CompletableFuture;

/** A connection to the admin port that registers and activates bundles. Confined to one thread. */
public final class Upload implements AutoCloseable {
  private static final int CHUNK_BYTES = 256 << 10;

  private final ManagedChannel channel;

  public Upload(String host, int adminPort) {
    channel = ManagedChannelBuilder.forAddress(host, adminPort).usePlaintext().build();
  }

  /** Registers the bytes of a bundle and makes them answer for {@code task}. */
  public RegisterBundleReply activate(String task, byte[] bundle) {
    CompletableFuture<RegisterBundleReply> reply = new CompletableFuture<>();
    StreamObserver<RegisterBundleRequest> upload =
        AdapterServiceGrpc.newStub(channel).registerBundle(new First(reply));
    BundleHeader header = BundleHeader.newBuilder().setTask(task).setActivate(true).build();
    upload.onNext(RegisterBundleRequest.newBuilder().setHeader(header).build());
    for (int start = 0; start < bundle.length; start += CHUNK_BYTES) {
      int length = Math.min(CHUNK_BYTES, bundle.length - start);
      upload.onNext(
          RegisterBundleRequest.newBuilder()
              .setChunk(ByteString.copyFrom(bundle, start, length))
              .build());
    }
    upload.onCompleted();
    return reply.join();
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  private record First(CompletableFuture<RegisterBundleReply> reply)
      implements StreamObserver<RegisterBundleReply> {
    @Override
    public void onNext(RegisterBundleReply value) {
      reply.complete(value);
    }

    @Override
    public void onError(Throwable failure) {
      reply.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {}
  }
}
