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
  private final RowAsking rows;

  BatchClassifier(Asking asking, Classifier classifier, RowAsking rows) {
    this.asking = requireNonNull(asking, "asking");
    this.classifier = requireNonNull(classifier, "classifier");
    this.rows = requireNonNull(rows, "rows");
  }

  Pending<ClassifyBatchReply> classify(ClassifyBatchRequest request, @Nullable Long deadlineNanos) {
    int count = request.getRowsCount();
    int most = asking.limits().maxRows();
    if (count < 1 || count > most) {
      throw Texts.invalid("rows: " + count + " (expected: 1 to " + most + " of them)");
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
            count,
            asking.limits().maxRowsAhead(),
            row ->
                rows.ask(
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
