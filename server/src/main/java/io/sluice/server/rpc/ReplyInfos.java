package io.sluice.server.rpc;

import com.google.protobuf.Duration;
import io.sluice.proto.v1.ReplyInfo;
import io.sluice.proto.v1.Timings;
import io.sluice.server.engine.Answer;
import io.sluice.server.engine.Lease;
import io.sluice.server.engine.PassageAnswer;
import io.sluice.server.engine.RowResult;
import java.util.List;

/** How replies were made, in wire messages. Stateless. */
final class ReplyInfos {
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private ReplyInfos() {}

  /** Of one row. */
  static ReplyInfo of(Lease lease, Answer answer) {
    return of(lease, List.of(answer.result()), answer.tokenizeNanos())
        .setTokens(answer.tokens())
        .setTruncated(answer.truncated())
        .build();
  }

  /** Of the windows of a passage. */
  static ReplyInfo of(Lease lease, PassageAnswer answer) {
    return of(lease, answer.results(), answer.tokenizeNanos())
        .setTokens(answer.windows().tokens())
        .setTruncated(answer.windows().questionCut())
        .build();
  }

  private static ReplyInfo.Builder of(Lease lease, List<RowResult> rows, long tokenizeNanos) {
    // All were submitted at one time, so a wait says when a batch began.
    long beginNanos = rows.stream().mapToLong(RowResult::queueNanos).min().orElseThrow();
    long endNanos =
        rows.stream().mapToLong(row -> row.queueNanos() + row.computeNanos()).max().orElseThrow();
    return ReplyInfo.newBuilder()
        .setBundleDigest(lease.task().digest().toString())
        .setGeneration(lease.generation())
        .setTimings(
            Timings.newBuilder()
                .setQueue(duration(beginNanos))
                .setTokenize(duration(tokenizeNanos))
                .setCompute(duration(endNanos - beginNanos))
                .setMarginal(duration(rows.stream().mapToLong(RowResult::marginalNanos).sum())))
        .setLayersRun(rows.get(0).layersRun())
        .setLayersShared(rows.stream().mapToInt(RowResult::layersShared).min().orElseThrow())
        .setWindows(rows.size());
  }

  private static Duration duration(long nanos) {
    return Duration.newBuilder()
        .setSeconds(nanos / NANOS_PER_SECOND)
        .setNanos((int) (nanos % NANOS_PER_SECOND))
        .build();
  }
}
