package io.sluice.loadtest;

import static java.util.Objects.requireNonNull;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.InferenceServiceGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A stream of requests, before, through and after something that is done to the server meanwhile.
 * Stateless.
 */
public final class SwapUnderLoad {
  private SwapUnderLoad() {}

  /**
   * Runs {@code action} while {@code clients} ask one request after another.
   *
   * @param requests asked in turn
   * @param calm how long to ask before the action and after it
   */
  public static SwapReport run(
      String host,
      int port,
      List<ClassifyRequest> requests,
      int clients,
      Duration calm,
      Runnable action)
      throws InterruptedException {
    requireNonNull(action, "action");
    AtomicBoolean stop = new AtomicBoolean();
    ManagedChannel channel = ManagedChannelBuilder.forAddress(host, port).usePlaintext().build();
    ExecutorService threads = Executors.newFixedThreadPool(clients);
    try {
      List<Future<Log>> logs = new ArrayList<>();
      for (int client = 0; client < clients; client++) {
        int first = client;
        logs.add(threads.submit(() -> ask(channel, requests, first, stop)));
      }
      TimeUnit.NANOSECONDS.sleep(calm.toNanos());
      long startNanos = System.nanoTime();
      action.run();
      long endNanos = System.nanoTime();
      TimeUnit.NANOSECONDS.sleep(calm.toNanos());
      stop.set(true);
      return report(logs, startNanos, endNanos);
    } finally {
      stop.set(true);
      threads.shutdown();
      channel.shutdownNow();
    }
  }

  private static Log ask(
      ManagedChannel channel, List<ClassifyRequest> requests, int first, AtomicBoolean stop) {
    InferenceServiceGrpc.InferenceServiceBlockingStub stub =
        InferenceServiceGrpc.newBlockingStub(channel);
    Log log = new Log(new ArrayList<>(), new TreeMap<>());
    for (int i = first; !stop.get(); i++) {
      long sentNanos = System.nanoTime();
      try {
        ClassifyReply reply = stub.classify(requests.get(i % requests.size()));
        log.replies()
            .add(new Reply(sentNanos, System.nanoTime(), reply.getInfo().getBundleDigest()));
      } catch (StatusRuntimeException e) {
        log.errors().merge(e.getStatus().getCode(), 1L, Long::sum);
      }
    }
    return log;
  }

  private static SwapReport report(List<Future<Log>> logs, long startNanos, long endNanos)
      throws InterruptedException {
    SwapReport.Builder report = new SwapReport.Builder(startNanos, endNanos);
    for (Future<Log> log : logs) {
      try {
        Log done = log.get();
        done.errors().forEach((code, count) -> report.errors(code.name(), count));
        done.replies()
            .forEach(reply -> report.reply(reply.sentNanos, reply.receivedNanos, reply.digest));
      } catch (ExecutionException e) {
        throw new IllegalStateException("client: failed: " + e.getCause(), e.getCause());
      }
    }
    return report.build();
  }

  private record Reply(long sentNanos, long receivedNanos, String digest) {}

  private record Log(List<Reply> replies, Map<Status.Code, Long> errors) {}
}
