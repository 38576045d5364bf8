package io.sluice.server.rpc;

import static java.util.Objects.requireNonNull;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.sluice.proto.v1.ClassifyStreamReply;
import io.sluice.proto.v1.ClassifyStreamRequest;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The streams that clients have open, to be ended when the server drains. Thread-safe. */
final class OpenStreams {
  private final Classifier classifier;
  private final RowAsking rows;
  private final int rowsAhead;
  private final Set<StreamCall> open = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  /**
   * @param rowsAhead rows of one stream that are under way at a time
   */
  OpenStreams(Classifier classifier, RowAsking rows, int rowsAhead) {
    this.classifier = requireNonNull(classifier, "classifier");
    this.rows = requireNonNull(rows, "rows");
    this.rowsAhead = rowsAhead;
  }

  /** Opens one; to be called by the method that was called. */
  StreamObserver<ClassifyStreamRequest> open(StreamObserver<ClassifyStreamReply> client) {
    StreamCall call =
        new StreamCall(
            classifier, rows, (ServerCallStreamObserver<ClassifyStreamReply>) client, open::remove);
    open.add(call);
    call.start(rowsAhead);
    if (draining) {
      call.drain();
    }
    return call;
  }

  /** Ends all of them, those that open from now on included. */
  void drain() {
    draining = true;
    open.forEach(StreamCall::drain);
  }
}
