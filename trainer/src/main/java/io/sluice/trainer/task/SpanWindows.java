package io.sluice.trainer.task;

import io.sluice.backbone.Encoding;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.TokenSpans;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Rows over a question and a text that may be too long for one: each holds the question and a
 * window of the text, as the tokenizer would have put them together. A question longer than half
 * the room is cut. Immutable.
 */
final class SpanWindows {
  private final TokenSpans tokens;
  private final int[] context;
  private final List<Window> windows = new ArrayList<>();

  /**
   * One row. Token t of the text, {@code from <= t < to}, stands at {@code offset + t - from}.
   *
   * @param encoding its tokens
   * @param from number of the first token of the text it holds
   * @param to number behind the last
   * @param offset position in the row of the first
   * @param nothing position of the token that stands for "no answer": the first special one
   */
  record Window(Encoding encoding, int from, int to, int offset, int nothing) {
    /** Positions of the first and last token of an answer, or twice "no answer". */
    int[] positions(int @Nullable [] answer) {
      boolean whole = answer != null && answer[0] >= from && answer[1] < to;
      return answer != null && whole
          ? new int[] {offset + answer[0] - from, offset + answer[1] - from}
          : new int[] {nothing, nothing};
    }
  }

  /**
   * Lays windows over the second text.
   *
   * @throws SluiceException {@code INVALID_ARGUMENT} if a row has no room for any of the text, or
   *     the tokenizer sets no special token
   */
  SpanWindows(TokenSpans tokens, RowLimits limits) {
    this.tokens = tokens;
    context = at(1);
    int[] question = at(0);
    int special = at(TokenSpans.SPECIAL).length;
    if (special == 0) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "tokenizer: no special tokens (expected: one that can stand for \"no answer\")");
    }
    int asked = Math.min(question.length, Math.max(0, (limits.maxTokens() - special) / 2));
    int room = limits.maxTokens() - special - asked;
    if (room < 1) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "max-tokens: "
              + limits.maxTokens()
              + " (expected: more than "
              + (special + asked)
              + ", the tokens around the text)");
    }
    Integer stated = limits.stride();
    int stride = stated == null ? Math.max(1, room / 2) : Math.min(stated, room);
    boolean[] kept = new boolean[tokens.length()];
    for (int i = 0; i < kept.length; i++) {
      kept[i] = tokens.texts()[i] == TokenSpans.SPECIAL;
    }
    IntStream.range(0, asked).forEach(i -> kept[question[i]] = true);
    int from = 0;
    do {
      int to = Math.min(context.length, from + room);
      windows.add(window(kept, from, to, question.length > asked || context.length > room));
      from = to == context.length ? to : from + stride;
    } while (from < context.length);
  }

  List<Window> windows() {
    return windows;
  }

  /** First and last token of a piece of the text; {@code null} if no token touches it. */
  int @Nullable [] tokensOf(int start, int end) {
    int first = -1;
    int last = -1;
    for (int t = 0; t < context.length; t++) {
      if (tokens.ends()[context[t]] > start && tokens.starts()[context[t]] < end) {
        first = first < 0 ? t : first;
        last = t;
      }
    }
    return first < 0 ? null : new int[] {first, last};
  }

  /** Index in the text of the first char of each of its tokens. */
  int[] starts() {
    return Arrays.stream(context).map(t -> tokens.starts()[t]).toArray();
  }

  /** Index behind the last char of each of its tokens. */
  int[] ends() {
    return Arrays.stream(context).map(t -> tokens.ends()[t]).toArray();
  }

  private int[] at(int text) {
    return IntStream.range(0, tokens.length()).filter(i -> tokens.texts()[i] == text).toArray();
  }

  private Window window(boolean[] always, int from, int to, boolean cut) {
    boolean[] kept = always.clone();
    for (int t = from; t < to; t++) {
      kept[context[t]] = true;
    }
    int[] places = IntStream.range(0, kept.length).filter(i -> kept[i]).toArray();
    long[] ids = Arrays.stream(places).mapToLong(i -> tokens.ids()[i]).toArray();
    long[] typeIds = Arrays.stream(places).mapToLong(i -> tokens.typeIds()[i]).toArray();
    int offset = to == from ? 0 : Arrays.binarySearch(places, context[from]);
    int nothing =
        IntStream.range(0, places.length)
            .filter(i -> tokens.texts()[places[i]] == TokenSpans.SPECIAL)
            .findFirst()
            .orElseThrow();
    return new Window(new Encoding(ids, typeIds, cut), from, to, offset, nothing);
  }
}
