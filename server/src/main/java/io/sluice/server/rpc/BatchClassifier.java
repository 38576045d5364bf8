package io.sluice.server.rpc;

import static java.util.Objects.requireNonNull;

import io.sluice.proto.v1.ClassifyBatchReply;
import io.sluice.proto.v1.ClassifyBatchRequest;
import io.sluice.proto.v1.ClassifyRequest;
import io.sluice.server.engine.Engine;
import io.sluice.server.engine.Lease;
import io.sluice.server.engine.Visit;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Many rows of one message, all of one snapshot. Once let in, all of them are: a server that drains
 * meanwhile answers the rest as well. Thread-safe; never blocks. A refusal is thrown.
 */
final class BatchClassifier {
  private final Asking asking;
  private final Classifier classifier;

  BatchClassifier(Asking asking, Classifier classifier) {
    this.asking = requireNonNull(asking, "asking");
    this.classifier = requireNonNull(classifier, "classifier");
  }

  Pending<ClassifyBatchReply> classify(ClassifyBatchRequest request, @Nullable Long deadlineNanos) {
    int rows = request.getRowsCount();
    int most = asking.limits().maxRows();
    if (rows < 1 || rows > most) {
      throw Texts.invalid("rows: " + rows + " (expected: 1 to " + most + " of them)");
    }
    Engine engine = asking.engine();
    Visit visit = engine.enter(asking.tenant(null));
    Map<String, Lease> leases =
        engine
            .tasks()
            .leaseKnown(
                request.getRowsList().stream()
                    .map(ClassifyRequest::getTask)
                    .collect(Collectors.toSet()));
    Pending<ClassifyBatchReply> pending =
        BatchCall.start(
            rows,
            asking.limits().maxRowsAhead(),
            row ->
                RowAsking.ask(
                    () -> classifier.classify(request.getRows(row), leases, visit, deadlineNanos)));
    var unused =
        pending
            .reply()
            .whenComplete(
                (reply, failure) -> {
                  leases.values().forEach(Lease::close);
                  visit.close();
                });
    return pending;
  }
}
