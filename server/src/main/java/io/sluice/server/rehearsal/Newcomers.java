package io.sluice.server.rehearsal;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.grpc.GrpcClients;
import io.grpc.stub.StreamObserver;
import io.sluice.proto.v1.AdapterServiceGrpc.AdapterServiceStub;
import io.sluice.proto.v1.BundleHeader;
import io.sluice.proto.v1.RegisterBundleReply;
import io.sluice.proto.v1.RegisterBundleRequest;
import io.sluice.registry.bundle.AdapterBundle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;

/**
 * A client who sends one new bundle after the other, each as a task of its own, a few at a time.
 * Confined to one thread.
 */
final class Newcomers {
  /** At once; fewer than the server takes. */
  private static final int TOGETHER = 4;

  private final AdapterServiceStub server;
  private final LongFunction<AdapterBundle> bundles;

  /**
   * @param bundles another one for every number
   */
  Newcomers(int port, ClientFactory clients, LongFunction<AdapterBundle> bundles) {
    this.server =
        GrpcClients.builder("gproto+http://127.0.0.1:" + port + "/")
            .factory(clients)
            .build(AdapterServiceStub.class);
    this.bundles = requireNonNull(bundles, "bundles");
  }

  /**
   * Registers and activates; waits for each.
   *
   * @param count how many at most
   * @param endNanos when no more are begun, by {@link System#nanoTime()}
   * @return how many
   * @throws java.util.concurrent.CompletionException when one was refused
   */
  int register(int count, long endNanos) {
    int sent = 0;
    while (sent < count && System.nanoTime() - endNanos < 0) {
      List<CompletableFuture<RegisterBundleReply>> replies = new ArrayList<>();
      for (int i = 0; i < TOGETHER && sent < count; i++) {
        replies.add(send("new-" + sent, bundles.apply(sent)));
        sent++;
      }
      replies.forEach(CompletableFuture::join);
    }
    return sent;
  }

  private CompletableFuture<RegisterBundleReply> send(String task, AdapterBundle bundle) {
    CompletableFuture<RegisterBundleReply> reply = new CompletableFuture<>();
    StreamObserver<RegisterBundleRequest> upload = server.registerBundle(Caller.completing(reply));
    upload.onNext(
        RegisterBundleRequest.newBuilder()
            .setHeader(BundleHeader.newBuilder().setTask(task).setActivate(true))
            .build());
    upload.onNext(
        RegisterBundleRequest.newBuilder().setChunk(ByteString.copyFrom(bundle.bytes())).build());
    upload.onCompleted();
    return reply;
  }
}
