package io.sluice.server.rpc;

import static java.util.Objects.requireNonNull;

import io.grpc.stub.StreamObserver;
import io.sluice.proto.v1.AnswerReply;
import io.sluice.proto.v1.AnswerRequest;
import io.sluice.proto.v1.ClassifyBatchReply;
import io.sluice.proto.v1.ClassifyBatchRequest;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.proto.v1.ClassifyStreamReply;
import io.sluice.proto.v1.ClassifyStreamRequest;
import io.sluice.proto.v1.InferenceServiceGrpc;
import io.sluice.proto.v1.MultiClassifyReply;
import io.sluice.proto.v1.MultiClassifyRequest;
import io.sluice.server.engine.Engine;
import io.sluice.server.engine.OverloadedException.Reason;
import java.util.function.Consumer;

/** {@code sluice.v1.InferenceService} over the engine. Thread-safe; never blocks its caller. */
public final class InferenceRpc extends InferenceServiceGrpc.InferenceServiceImplBase {
  private final Classifier classifier;
  private final BatchClassifier batches;
  private final OpenStreams streams;
  private final Answerer answerer;

  /**
   * @param refusedRows hears of every row of a batch or a stream that is turned away; must not
   *     block
   */
  public InferenceRpc(Engine engine, RequestLimits limits, Consumer<Reason> refusedRows) {
    requireNonNull(engine, "engine");
    Asking asking = new Asking(engine, limits);
    classifier = new Classifier(asking);
    RowAsking rows = new RowAsking(refusedRows);
    batches = new BatchClassifier(asking, classifier, rows);
    streams = new OpenStreams(classifier, rows, limits.maxRowsAhead());
    answerer = new Answerer(asking);
    var unused = engine.refusing().thenRun(streams::drain);
  }

  @Override
  public void classify(ClassifyRequest request, StreamObserver<ClassifyReply> observer) {
    Unary.answer(observer, () -> classifier.classify(request, Deadlines.currentNanos()));
  }

  @Override
  public void multiClassify(
      MultiClassifyRequest request, StreamObserver<MultiClassifyReply> observer) {
    Unary.answer(observer, () -> classifier.classify(request, Deadlines.currentNanos()));
  }

  @Override
  public void classifyBatch(
      ClassifyBatchRequest request, StreamObserver<ClassifyBatchReply> observer) {
    Unary.answer(observer, () -> batches.classify(request, Deadlines.currentNanos()));
  }

  @Override
  public StreamObserver<ClassifyStreamRequest> classifyStream(
      StreamObserver<ClassifyStreamReply> observer) {
    return streams.open(observer);
  }

  @Override
  public void answer(AnswerRequest request, StreamObserver<AnswerReply> observer) {
    Unary.answer(observer, () -> answerer.answer(request, Deadlines.currentNanos()));
  }
}
