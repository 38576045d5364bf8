package io.sluice.cli.command.ask;

import com.google.protobuf.Duration;
import io.sluice.cli.terminal.Quantities;
import io.sluice.proto.v1.ReplyInfo;
import java.util.Locale;

/** How a reply was made, in one line: bundle, generation, work done and where the time went. */
final class ReplyLine {
  private ReplyLine() {}

  static String of(ReplyInfo info) {
    return String.format(
        Locale.ROOT,
        "%s  generation %d  %d tokens%s%s  %d blocks (%d shared)  queue %s, tokenize %s, compute %s",
        info.getBundleDigest(),
        info.getGeneration(),
        info.getTokens(),
        info.getWindows() > 1 ? " in " + info.getWindows() + " windows" : "",
        info.getTruncated() ? " (truncated)" : "",
        info.getLayersRun(),
        info.getLayersShared(),
        millis(info.getTimings().getQueue()),
        millis(info.getTimings().getTokenize()),
        millis(info.getTimings().getCompute()));
  }

  static String millis(Duration duration) {
    return Quantities.millis(duration.getSeconds() * 1e9 + duration.getNanos());
  }
}
