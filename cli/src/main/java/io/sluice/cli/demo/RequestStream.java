package io.sluice.cli.demo;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.SluiceException;
import io.sluice.cli.client.InferenceClient;
import io.sluice.proto.v1.ClassifyReply;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Clients that ask one task without pause until told to stop, each on a thread of its own, and
 * remember every request. Started when made; close it to stop.
 */
final class RequestStream implements AutoCloseable {
  private final InferenceClient client;
  private final String task;
  private final List<String> texts;
  private final ConcurrentLinkedQueue<Request> requests = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final List<Thread> threads = new ArrayList<>();

  /**
   * One request and its reply.
   *
   * @param sentNanos when it was sent, by {@link System#nanoTime}
   * @param receivedNanos when its reply was there
   * @param digest the bundle that answered; empty where none did
   * @param failure what went wrong; empty where nothing did
   */
  record Request(long sentNanos, long receivedNanos, String digest, String failure) {
    boolean failed() {
      return !failure.isEmpty();
    }

    long latencyNanos() {
      return receivedNanos - sentNanos;
    }
  }

  RequestStream(InferenceClient client, String task, List<String> texts, int clients) {
    this.client = requireNonNull(client, "client");
    this.task = requireNonNull(task, "task");
    this.texts = List.copyOf(texts);
    for (int i = 0; i < clients; i++) {
      int first = i;
      Thread thread = new Thread(() -> ask(first), "demo-client-" + i);
      thread.setDaemon(true);
      threads.add(thread);
    }
    threads.forEach(Thread::start);
  }

  /** Requests that have been answered, or have failed, so far. */
  int count() {
    return requests.size();
  }

  /** Stops the clients, waits for their last replies and hands out all requests. */
  List<Request> stop() throws InterruptedException {
    close();
    for (Thread thread : threads) {
      thread.join();
    }
    return List.copyOf(requests);
  }

  /** Tells the clients to stop; they end with their last reply. */
  @Override
  public void close() {
    stopping.set(true);
  }

  private void ask(int first) {
    for (int i = first; !stopping.get(); i++) {
      String text = texts.get(i % texts.size());
      long sent = System.nanoTime();
      try {
        ClassifyReply reply = client.classify(task, text, null);
        requests.add(new Request(sent, System.nanoTime(), reply.getInfo().getBundleDigest(), ""));
      } catch (SluiceException e) {
        requests.add(new Request(sent, System.nanoTime(), "", e.code() + ": " + e.getMessage()));
      }
    }
  }
}
