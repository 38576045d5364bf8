package io.sluice.server.testing;

import io.grpc.stub.StreamObserver;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.InferenceServiceGrpc;
import java.util.concurrent.Phaser;

/** Clients that ask one task again and again, as many at a time as keep a queue full. */
public final class Flood {
  private final InferenceServiceGrpc.InferenceServiceStub client;
  private final ClassifyRequest request;
  private final Phaser clients = new Phaser(1);
  private volatile boolean over;

  public Flood(RunningServer server, String task, int atATime) {
    client = server.data(InferenceServiceGrpc.InferenceServiceStub.class);
    String text = "the old film was good ".repeat(12);
    request = ClassifyRequest.newBuilder().setTask(task).setText(text).build();
    for (int i = 0; i < atATime; i++) {
      clients.register();
      ask();
    }
  }

  private void ask() {
    client.classify(
        request,
        new StreamObserver<>() {
          @Override
          public void onNext(ClassifyReply value) {}

          @Override
          public void onError(Throwable failure) {
            next();
          }

          @Override
          public void onCompleted() {
            next();
          }
        });
  }

  private void next() {
    if (over) {
      clients.arriveAndDeregister();
    } else {
      ask();
    }
  }

  /** Ends it and waits for the last replies. */
  public void close() {
    over = true;
    clients.arriveAndAwaitAdvance();
  }
}
