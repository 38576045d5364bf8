package io.sluice.server.testing;

import com.google.protobuf.ByteString;
import com.linecorp.armeria.client.grpc.GrpcClients;
import io.grpc.stub.StreamObserver;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.AdapterServiceGrpc;
import io.sluice.proto.v1.BundleHeader;
import io.sluice.proto.v1.InferenceServiceGrpc;
import io.sluice.proto.v1.RegisterBundleReply;
import io.sluice.proto.v1.RegisterBundleRequest;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.store.BundleStore;
import io.sluice.server.ServerSettings;
import io.sluice.server.SluiceServer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;

/** A server on free ports over a store in a directory, and its clients over real channels. */
public final class RunningServer implements AutoCloseable {
  private static final int CHUNK_BYTES = 1000;

  private final BundleStore store;
  private final SluiceServer server;

  public RunningServer(
      Path directory, Backbone backbone, ServerSettings settings, OnnxRuntime runtime) {
    store = BundleStore.open(directory, BundleLimits.defaults(), InstantSource.system());
    try {
      server = SluiceServer.start(backbone, store, settings.withPorts(0, 0), runtime);
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  public SluiceServer server() {
    return server;
  }

  public InferenceServiceGrpc.InferenceServiceBlockingStub inference() {
    return data(InferenceServiceGrpc.InferenceServiceBlockingStub.class);
  }

  public AdapterServiceGrpc.AdapterServiceBlockingStub adapters() {
    return admin(AdapterServiceGrpc.AdapterServiceBlockingStub.class);
  }

  /** A client of any service of the data port. */
  public <T> T data(Class<T> stub) {
    return GrpcClients.newClient("gproto+http://127.0.0.1:" + server.port() + "/", stub);
  }

  /** A client of the data port that sends no deadline and takes replies of any length. */
  public <T> T patient(Class<T> stub) {
    return GrpcClients.builder("gproto+http://127.0.0.1:" + server.port() + "/")
        .responseTimeoutMillis(0)
        .maxResponseLength(0)
        .build(stub);
  }

  /** A client of any service of the admin port. */
  public <T> T admin(Class<T> stub) {
    return GrpcClients.newClient("gproto+http://127.0.0.1:" + server.adminPort() + "/", stub);
  }

  /** Uploads a bundle and activates it. */
  public RegisterBundleReply activate(String task, AdapterBundle bundle) {
    return upload(
        BundleHeader.newBuilder().setTask(task).setActivate(true).build(), bundle.bytes());
  }

  /** Uploads bytes in small chunks; throws the StatusRuntimeException of a refusal. */
  public RegisterBundleReply upload(BundleHeader header, byte[] bytes) {
    RegisterBundleRequest first = RegisterBundleRequest.newBuilder().setHeader(header).build();
    List<RegisterBundleRequest> messages = new ArrayList<>();
    messages.add(first);
    for (int start = 0; start < bytes.length; start += CHUNK_BYTES) {
      int length = Math.min(CHUNK_BYTES, bytes.length - start);
      messages.add(
          RegisterBundleRequest.newBuilder()
              .setChunk(ByteString.copyFrom(bytes, start, length))
              .build());
    }
    return send(messages);
  }

  /** Sends these messages as one upload. */
  public RegisterBundleReply send(List<RegisterBundleRequest> messages) {
    FirstReply<RegisterBundleReply> reply = new FirstReply<>();
    StreamObserver<RegisterBundleRequest> upload =
        admin(AdapterServiceGrpc.AdapterServiceStub.class).registerBundle(reply);
    messages.forEach(upload::onNext);
    upload.onCompleted();
    try {
      return reply.reply().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException status) {
        throw status;
      }
      throw e;
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } finally {
      store.close();
    }
  }
}
