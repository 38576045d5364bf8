package io.sluice.server.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import io.sluice.proto.v1.ReplyInfo;

/** What every reply says of how it was made, whatever the method. */
public final class FilledInfo {
  private FilledInfo() {}

  /** Requires it of a reply of the tiny encoder. */
  public static void require(ReplyInfo info) {
    assertThat(info.getBundleDigest()).matches("sha256:[0-9a-f]{64}");
    assertThat(info.getGeneration()).isPositive();
    assertThat(info.getTokens()).isPositive();
    assertThat(info.getWindows()).isPositive();
    assertThat(info.getLayersRun()).isEqualTo(TestingBackbone.POINTS);
    assertThat(info.getTimings().hasQueue()).isTrue();
    assertThat(info.getTimings().hasMarginal()).isTrue();
    assertThat(info.getTimings().getTokenize()).isNotEqualTo(Duration.getDefaultInstance());
    assertThat(info.getTimings().getCompute()).isNotEqualTo(Duration.getDefaultInstance());
  }
}
