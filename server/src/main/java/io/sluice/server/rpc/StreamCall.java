package io.sluice.server.rpc;

import static java.util.Objects.requireNonNull;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.proto.v1.ClassifyStreamReply;
import io.sluice.proto.v1.ClassifyStreamRequest;
import io.sluice.proto.v1.RowReply;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * One stream of rows and its replies, in the order of the rows. Thread-safe.
 *
 * <p>So many rows are read at first, and one more for each reply the client has made room for: that
 * is all there ever is in memory, however fast rows come and however slowly replies are read.
 */
final class StreamCall implements StreamObserver<ClassifyStreamRequest> {
  private record Slot(long id, Pending<RowReply> row) {}

  private final Classifier classifier;
  private final RowAsking rows;
  private final ServerCallStreamObserver<ClassifyStreamReply> client;
  private final Consumer<StreamCall> onEnd;

  // All below guarded by this, and so is writing to the client.
  private final Queue<Slot> slots = new ArrayDeque<>();
  private boolean halfClosed;
  private boolean draining;
  private boolean ended;

  /**
   * @param onEnd told once when nothing is left to do
   */
  StreamCall(
      Classifier classifier,
      RowAsking rows,
      ServerCallStreamObserver<ClassifyStreamReply> client,
      Consumer<StreamCall> onEnd) {
    this.classifier = requireNonNull(classifier, "classifier");
    this.rows = requireNonNull(rows, "rows");
    this.client = requireNonNull(client, "client");
    this.onEnd = requireNonNull(onEnd, "onEnd");
  }

  /** Reads the first rows; to be called before the method that was called returns. */
  void start(int rowsAhead) {
    client.disableAutoRequest();
    client.setOnReadyHandler(this::advance);
    client.setOnCancelHandler(this::cancel);
    client.request(rowsAhead);
  }

  @Override
  public void onNext(ClassifyStreamRequest message) {
    Pending<RowReply> row =
        rows.ask(() -> classifier.classify(message.getRow(), Deadlines.rowNanos()));
    synchronized (this) {
      if (ended) {
        row.cancel();
        return;
      }
      slots.add(new Slot(message.getId(), row));
    }
    var unused = row.reply().thenRun(this::advance);
  }

  @Override
  public void onCompleted() {
    synchronized (this) {
      halfClosed = true;
    }
    advance();
  }

  /** The client is gone. */
  @Override
  public void onError(Throwable failure) {
    cancel();
  }

  /** Answers what has been read and then ends. */
  void drain() {
    synchronized (this) {
      draining = true;
    }
    advance();
  }

  private synchronized void advance() {
    while (!ended && client.isReady()) {
      Slot first = slots.peek();
      if (first == null || !first.row.reply().isDone()) {
        break;
      }
      RowReply row = first.row.reply().join();
      if (isDraining(row)) {
        end();
        client.onError(Statuses.of(drainingNow()));
        return;
      }
      slots.remove();
      client.onNext(ClassifyStreamReply.newBuilder().setId(first.id).setRow(row).build());
      client.request(1);
    }
    if (!ended && slots.isEmpty() && draining) {
      end();
      client.onError(Statuses.of(drainingNow()));
    } else if (!ended && slots.isEmpty() && halfClosed) {
      end();
      client.onCompleted();
    }
  }

  /** A row that came too late, and with it all behind it. */
  private static boolean isDraining(RowReply row) {
    return row.hasError() && row.getError().getCode() == Status.Code.UNAVAILABLE.value();
  }

  private static SluiceException drainingNow() {
    return new SluiceException(
        ErrorCode.UNAVAILABLE, "server: draining (expected: accepting requests)");
  }

  private synchronized void cancel() {
    end();
  }

  private void end() {
    if (!ended) {
      ended = true;
      slots.forEach(slot -> slot.row.cancel());
      slots.clear();
      onEnd.accept(this);
    }
  }
}
