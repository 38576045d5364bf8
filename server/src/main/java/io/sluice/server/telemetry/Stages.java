package io.sluice.server.telemetry;

import com.google.protobuf.Duration;
import io.sluice.proto.v1.AnswerReply;
import io.sluice.proto.v1.ClassifyBatchReply;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.MultiClassifyReply;
import io.sluice.proto.v1.ReplyInfo;
import io.sluice.proto.v1.RowReply;
import io.sluice.proto.v1.TaskClassification;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the time of an answered request went, as its reply says; of several rows, the slowest's.
 *
 * @param tokens of that row
 */
record Stages(long tokenizeNanos, long queueNanos, long computeNanos, int tokens) {
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  /** The stages of a reply; null for one that does not tell. */
  static @Nullable Stages of(Object reply) {
    if (reply instanceof ClassifyReply classified) {
      return of(classified.getInfo());
    }
    if (reply instanceof AnswerReply answered) {
      return of(answered.getInfo());
    }
    if (reply instanceof MultiClassifyReply several) {
      return slowest(several.getResultsList().stream().map(TaskClassification::getReply));
    }
    if (reply instanceof ClassifyBatchReply batch) {
      return slowest(
          batch.getRowsList().stream().filter(RowReply::hasReply).map(RowReply::getReply));
    }
    return null;
  }

  private static @Nullable Stages slowest(Stream<ClassifyReply> replies) {
    return replies
        .map(reply -> of(reply.getInfo()))
        .max(Comparator.comparingLong(Stages::nanos))
        .orElse(null);
  }

  private static Stages of(ReplyInfo info) {
    return new Stages(
        nanos(info.getTimings().getTokenize()),
        nanos(info.getTimings().getQueue()),
        nanos(info.getTimings().getCompute()),
        info.getTokens());
  }

  private long nanos() {
    return tokenizeNanos + queueNanos + computeNanos;
  }

  private static long nanos(Duration duration) {
    return duration.getSeconds() * NANOS_PER_SECOND + duration.getNanos();
  }
}
