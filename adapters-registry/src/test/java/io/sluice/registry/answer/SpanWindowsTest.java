package io.sluice.registry.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.SluiceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpanWindowsTest {
  private static final int SPECIALS = 3;
  private static final int MANY = Integer.MAX_VALUE;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void over_anyLengths_holdEachTokenOfTheTextWithTheQuestionAround(long seed) {
    Random random = new Random(seed);
    int question = 1 + random.nextInt(12);
    int text = random.nextInt(200);
    int maxTokens = 6 + random.nextInt(40);
    Integer stride = random.nextBoolean() ? null : 1 + random.nextInt(30);
    String what =
        "seed %d: %d + %d tokens, at most %d, stride %s"
            .formatted(seed, question, text, maxTokens, stride);
    int asked = Math.min(question, (maxTokens - SPECIALS) / 2);
    int room = maxTokens - SPECIALS - asked;

    SpanWindows windows = over(question, text, maxTokens, stride, MANY);

    List<Integer> starts = starts(text, room, stride);
    assertThat(windows.windows()).as(what).extracting("from").isEqualTo(starts);
    assertThat(windows.questionCut()).as(what).isEqualTo(question > asked);
    boolean[] held = new boolean[text];
    int tokens = 0;
    for (SpanWindows.Window window : windows.windows()) {
      List<Long> expected = new ArrayList<>();
      expected.add(TestingSpans.CLS);
      LongStream.range(0, asked).forEach(q -> expected.add(TestingSpans.FIRST_OF_QUESTION + q));
      expected.add(TestingSpans.SEP);
      int offset = expected.size();
      for (int t = window.from(); t < window.to(); t++) {
        expected.add(TestingSpans.FIRST_OF_TEXT + t);
        held[t] = true;
      }
      expected.add(TestingSpans.SEP);
      assertThat(window.encoding().ids())
          .as(what)
          .containsExactly(expected.stream().mapToLong(id -> id).toArray());
      assertThat(window.encoding().length()).as(what).isLessThanOrEqualTo(maxTokens);
      assertThat(window.nothing()).isZero();
      if (window.to() > window.from()) {
        assertThat(window.offset()).as(what).isEqualTo(offset);
      }
      tokens += window.encoding().length();
    }
    assertThat(IntStream.range(0, text).allMatch(t -> held[t])).as(what).isTrue();
    assertThat(windows.tokens()).as(what).isEqualTo(tokens);
    assertThat(over(question, text, maxTokens, stride, starts.size()).windows())
        .hasSameSizeAs(starts);
  }

  @Test
  void over_moreWindowsThanAllowed_isRefused() {
    assertThat(over(2, 14, 10, 3, 4).windows()).hasSize(4);
    assertThatThrownBy(() -> over(2, 15, 10, 3, 4))
        .isInstanceOf(SluiceException.class)
        .hasMessage("passage: 15 tokens in 5 windows (expected: at most 4 windows)");
  }

  @Test
  void over_noRoomForTheText_isRefused() {
    assertThatThrownBy(() -> over(2, 5, 3, null, MANY))
        .isInstanceOf(SluiceException.class)
        .hasMessage("max-tokens: 3 (expected: more than 3, the tokens around the text)");
  }

  @Test
  void tokensOf_pieceOfTheText_findsTheTokensItTouches() {
    SpanWindows windows = over(2, 10, 64, null, MANY);
    assertThat(windows.tokensOf(4, 11)).containsExactly(1, 2);
    assertThat(windows.tokensOf(6, 7)).containsExactly(1, 1);
    assertThat(windows.tokensOf(7, 8)).isNull();
  }

  private static SpanWindows over(
      int question, int text, int maxTokens, @Nullable Integer stride, int maxWindows) {
    return SpanWindows.over(
        TestingSpans.of(question, text), new WindowLimits(maxTokens, stride, maxWindows));
  }

  /** Where windows begin: a stride further each, until one reaches the end. */
  private static List<Integer> starts(int text, int room, @Nullable Integer stride) {
    int step = stride == null ? Math.max(1, room / 2) : Math.min(stride, room);
    List<Integer> starts = new ArrayList<>(List.of(0));
    while (starts.get(starts.size() - 1) + room < text) {
      starts.add(starts.get(starts.size() - 1) + step);
    }
    return starts;
  }
}
