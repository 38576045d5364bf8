package io.sluice.loadtest.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.BackboneVerification;
import io.sluice.backbone.TextPair;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.loadtest.TextsOfLength;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.probe.ProbeCheck;
import io.sluice.registry.probe.ProbeReport;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Made-up tasks on a made-up encoder, against the reference execution of bundles. */
@Timeout(120)
class TaskFamilyTest {
  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = RandomEncoder.of("random:2x32", runtime);

  @Test
  void member_anyNumber_isAnotherTaskThatPassesItsProbe() {
    try (BackboneSessions sessions = BackboneSessions.open(backbone, runtime)) {
      TaskFamily family = TaskFamily.atTop(sessions, runtime, 2, 4, 1);
      Set<String> digests = new HashSet<>();
      for (int number = 0; number < 5; number++) {
        AdapterBundle member = family.member(number);
        digests.add(member.digest().hex());
        ProbeReport report = ProbeCheck.run(sessions, member, runtime);
        assertThat(report.error()).as("member %d", number).isLessThan(1e-5);
        assertThat(report.effect()).isGreaterThan(1e-4);
        assertThat(member.points().keySet()).containsExactly(3, 4);
        assertThat(member.probe().logits().get(0))
            .isNotEqualTo(family.original().probe().logits().get(0));
      }
      assertThat(digests).hasSize(5).doesNotContain(family.original().digest().hex());
      assertThat(family.member(3).digest()).isEqualTo(family.member(3).digest());
      // Two adapters of 32 x 4 with their biases, and a head of 32 x 2.
      assertThat(family.weightBytes()).isEqualTo(4L * (2 * (2 * 32 * 4 + 4 + 32) + 32 * 2 + 2));
    }
  }

  @Test
  void randomEncoder_anySize_isCutWhereLayersEndAndReadsTheWordsOfTexts() {
    assertThat(backbone.points()).isEqualTo(4);
    assertThat(backbone.hiddenSize()).isEqualTo(32);
    assertThat(RandomEncoder.of("random:2x32", runtime).digest()).isEqualTo(backbone.digest());
    assertThat(BackboneVerification.of(backbone, runtime, 1).cutError()).isLessThan(1e-5);
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(backbone)) {
      List<TextPair> texts = TextsOfLength.of(tokenizer, 16, 3, 1);
      assertThat(tokenizer.encode(texts, 64)).allMatch(row -> row.length() == 16);
    }
  }

  @Test
  void randomEncoder_sizeThatIsNone_isRefused() {
    for (String text : new String[] {"random:", "random:0x32", "random:2x33", "random:2"}) {
      assertThatThrownBy(() -> RandomEncoder.of(text, runtime))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("random:LAYERSxWIDTH");
    }
  }
}
