package io.sluice.registry.answer;

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
public final class SpanWindows {
  private final List<Window> windows;
  private final int[] starts;
  private final int[] ends;
  private final boolean questionCut;

  /**
   * One row. Token t of the text, {@code from <= t < to}, stands at {@code offset + t - from}.
   *
   * @param encoding its tokens
   * @param from number of the first token of the text it holds
   * @param to number behind the last
   * @param offset position in the row of the first
   * @param nothing position of the token that stands for "no answer": the first special one
   */
  public record Window(Encoding encoding, int from, int to, int offset, int nothing) {
    /** Positions of the first and last token of an answer, or twice "no answer". */
    public int[] positions(int @Nullable [] answer) {
      boolean whole = answer != null && answer[0] >= from && answer[1] < to;
      return answer != null && whole
          ? new int[] {offset + answer[0] - from, offset + answer[1] - from}
          : new int[] {nothing, nothing};
    }
  }

  private SpanWindows(List<Window> windows, int[] starts, int[] ends, boolean questionCut) {
    this.windows = List.copyOf(windows);
    this.starts = starts;
    this.ends = ends;
    this.questionCut = questionCut;
  }

  /**
   * Lays windows over the second text.
   *
   * @param tokens of both texts
   * @throws SluiceException {@code INVALID_ARGUMENT} if a row has no room for any of the text, the
   *     text takes too many rows, or the tokenizer sets no special token
   */
  public static SpanWindows over(TokenSpans tokens, WindowLimits limits) {
    int[] question = at(tokens, 0);
    int[] text = at(tokens, 1);
    int[] special = at(tokens, TokenSpans.SPECIAL);
    if (special.length == 0) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "tokenizer: no special tokens (expected: one that can stand for \"no answer\")");
    }
    int asked = Math.min(question.length, Math.max(0, (limits.maxTokens() - special.length) / 2));
    int room = limits.maxTokens() - special.length - asked;
    if (room < 1) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "max-tokens: "
              + limits.maxTokens()
              + " (expected: more than "
              + (special.length + asked)
              + ", the tokens around the text)");
    }
    Integer stated = limits.stride();
    int stride = stated == null ? Math.max(1, room / 2) : Math.min(stated, room);
    requireFew(text.length, room, stride, limits.maxWindows());
    int[] around =
        IntStream.concat(Arrays.stream(special), Arrays.stream(question, 0, asked))
            .sorted()
            .toArray();
    boolean cut = question.length > asked || text.length > room;
    List<Window> windows = new ArrayList<>();
    int from = 0;
    do {
      int to = Math.min(text.length, from + room);
      windows.add(window(tokens, around, text, from, to, cut));
      from = to == text.length ? to : from + stride;
    } while (from < text.length);
    return new SpanWindows(
        windows,
        Arrays.stream(text).map(t -> tokens.starts()[t]).toArray(),
        Arrays.stream(text).map(t -> tokens.ends()[t]).toArray(),
        question.length > asked);
  }

  /** The rows, from the text's start to its end; at least one. */
  public List<Window> windows() {
    return windows;
  }

  /** First and last token of a piece of the text; {@code null} if no token touches it. */
  public int @Nullable [] tokensOf(int start, int end) {
    int first = -1;
    int last = -1;
    for (int t = 0; t < starts.length; t++) {
      if (ends[t] > start && starts[t] < end) {
        first = first < 0 ? t : first;
        last = t;
      }
    }
    return first < 0 ? null : new int[] {first, last};
  }

  /** Index in the text of the first char of its token {@code token}. */
  public int start(int token) {
    return starts[token];
  }

  /** Index behind the last char of its token {@code token}. */
  public int end(int token) {
    return ends[token];
  }

  /** Whether the question was longer than half the room and lost its end; the text never does. */
  public boolean questionCut() {
    return questionCut;
  }

  /** Tokens of all rows together. */
  public int tokens() {
    return windows.stream().mapToInt(window -> window.encoding().length()).sum();
  }

  private static int[] at(TokenSpans tokens, int text) {
    return IntStream.range(0, tokens.length()).filter(i -> tokens.texts()[i] == text).toArray();
  }

  private static void requireFew(int tokens, int room, int stride, int most) {
    long windows = tokens <= room ? 1 : 1 + (tokens - room + (long) stride - 1) / stride;
    if (windows > most) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "passage: "
              + tokens
              + " tokens in "
              + windows
              + " windows (expected: at most "
              + most
              + " windows)");
    }
  }

  private static Window window(
      TokenSpans tokens, int[] around, int[] text, int from, int to, boolean cut) {
    int[] places = new int[around.length + to - from];
    System.arraycopy(around, 0, places, 0, around.length);
    System.arraycopy(text, from, places, around.length, to - from);
    Arrays.sort(places);
    long[] ids = Arrays.stream(places).mapToLong(i -> tokens.ids()[i]).toArray();
    long[] typeIds = Arrays.stream(places).mapToLong(i -> tokens.typeIds()[i]).toArray();
    int offset = to == from ? 0 : Arrays.binarySearch(places, text[from]);
    int nothing = 0;
    while (tokens.texts()[places[nothing]] != TokenSpans.SPECIAL) {
      nothing++;
    }
    return new Window(new Encoding(ids, typeIds, cut), from, to, offset, nothing);
  }
}
