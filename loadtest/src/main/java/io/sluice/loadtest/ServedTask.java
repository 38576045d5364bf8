package io.sluice.loadtest;

import static java.util.Objects.requireNonNull;

import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.InferenceServiceGrpc;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** One task of a running server as a client sees it. Confined to one thread. */
final class ServedTask implements AutoCloseable {
  private static final int DIGITS = 3;

  private final String task;
  private final ManagedChannel channel;

  ServedTask(String host, int port, String task) {
    this.task = requireNonNull(task, "task");
    this.channel =
        ManagedChannelBuilder.forAddress(host, port)
            .usePlaintext()
            .executor(MoreExecutors.directExecutor())
            .build();
  }

  /**
   * Asks one text after another, {@code requests} times in all; the time of each, in nanoseconds.
   */
  Histogram oneByOne(List<String> texts, int requests) {
    InferenceServiceGrpc.InferenceServiceBlockingStub stub =
        InferenceServiceGrpc.newBlockingStub(channel);
    Histogram histogram = new Histogram(DIGITS);
    for (int i = 0; i < requests; i++) {
      ClassifyRequest request = request(texts.get(i % texts.size()));
      long startNanos = System.nanoTime();
      stub.classify(request);
      histogram.recordValue(System.nanoTime() - startNanos);
    }
    return histogram;
  }

  /** Replies per second with {@code clients} requests always under way. */
  double throughput(List<String> texts, int clients, Duration duration) {
    Stream stream = new Stream(texts, System.nanoTime() + duration.toNanos(), clients);
    long startNanos = System.nanoTime();
    for (int i = 0; i < clients; i++) {
      stream.next();
    }
    stream.await();
    return stream.replies.get() * 1e9 / (System.nanoTime() - startNanos);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    try {
      channel.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private ClassifyRequest request(String text) {
    return ClassifyRequest.newBuilder().setTask(task).setText(text).build();
  }

  /** Requests of which each reply starts the next. */
  private final class Stream {
    final AtomicLong replies = new AtomicLong();
    private final InferenceServiceGrpc.InferenceServiceStub stub =
        InferenceServiceGrpc.newStub(channel);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final AtomicLong sent = new AtomicLong();
    private final List<String> texts;
    private final long endNanos;
    private final CountDownLatch running;

    Stream(List<String> texts, long endNanos, int clients) {
      this.texts = texts;
      this.endNanos = endNanos;
      this.running = new CountDownLatch(clients);
    }

    void next() {
      if (System.nanoTime() - endNanos >= 0 || failure.get() != null) {
        running.countDown();
        return;
      }
      String text = texts.get((int) (sent.getAndIncrement() % texts.size()));
      stub.classify(
          request(text),
          new StreamObserver<>() {
            @Override
            public void onNext(ClassifyReply reply) {
              replies.incrementAndGet();
            }

            @Override
            public void onError(Throwable thrown) {
              failure.compareAndSet(null, thrown);
              running.countDown();
            }

            @Override
            public void onCompleted() {
              next();
            }
          });
    }

    void await() {
      try {
        running.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("load: interrupted", e);
      }
      Throwable thrown = failure.get();
      if (thrown != null) {
        throw new IllegalStateException("load: a request failed: " + thrown, thrown);
      }
    }
  }
}
