package io.sluice.server.testing;

import static java.util.Objects.requireNonNull;

import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.ClassifyStreamReply;
import io.sluice.proto.v1.ClassifyStreamRequest;
import io.sluice.proto.v1.InferenceServiceGrpc;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The client's side of a stream of rows: what came back, and how it ended. Thread-safe. */
public final class RowStream
    implements ClientResponseObserver<ClassifyStreamRequest, ClassifyStreamReply> {
  private final boolean reads;
  private final List<ClassifyStreamReply> replies = new CopyOnWriteArrayList<>();
  private final Semaphore ready = new Semaphore(0);
  private final CompletableFuture<Status> end = new CompletableFuture<>();
  private @Nullable ClientCallStreamObserver<ClassifyStreamRequest> requests;

  private RowStream(boolean reads) {
    this.reads = reads;
  }

  /**
   * Opens a stream.
   *
   * @param reads whether replies are taken as they come; if not, {@link #read} takes them
   */
  public static RowStream open(RunningServer server, boolean reads) {
    return open(server.patient(InferenceServiceGrpc.InferenceServiceStub.class), reads);
  }

  /** The same with a client of the caller's. */
  public static RowStream open(InferenceServiceGrpc.InferenceServiceStub client, boolean reads) {
    RowStream stream = new RowStream(reads);
    var unused = client.classifyStream(stream);
    return stream;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<ClassifyStreamRequest> stream) {
    requests = stream;
    stream.setOnReadyHandler(ready::release);
    if (!reads) {
      stream.disableAutoRequestWithInitial(0);
    }
  }

  /** Whether, within a time, a row would be sent at once and not be kept in memory. */
  public boolean awaitReady(Duration timeout) {
    try {
      while (!requests().isReady()) {
        if (!ready.tryAcquire(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
          return false;
        }
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  public void send(long id, ClassifyRequest row) {
    requests().onNext(ClassifyStreamRequest.newBuilder().setId(id).setRow(row).build());
  }

  /** Says that no more rows come. */
  public void halfClose() {
    requests().onCompleted();
  }

  public void cancel() {
    requests().cancel("not wanted any more", null);
  }

  /** Takes so many replies. */
  public void read(int count) {
    requests().request(count);
  }

  /** What has come so far. */
  public List<ClassifyStreamReply> replies() {
    return replies;
  }

  /** How the stream ended; waits for it. */
  public Status end() {
    return end.orTimeout(30, TimeUnit.SECONDS).join();
  }

  private ClientCallStreamObserver<ClassifyStreamRequest> requests() {
    return requireNonNull(requests, "requests");
  }

  @Override
  public void onNext(ClassifyStreamReply value) {
    replies.add(value);
  }

  @Override
  public void onError(Throwable failure) {
    end.complete(Status.fromThrowable(failure));
  }

  @Override
  public void onCompleted() {
    end.complete(Status.OK);
  }
}
