package io.sluice.cli.command.ask;

import io.sluice.cli.terminal.Screen;
import io.sluice.proto.v1.AnswerReply;
import io.sluice.proto.v1.BooleanAnswer;
import io.sluice.proto.v1.SpanAnswer;

/** An answer for people: what it is, how sure, and where in the passage it stands. Stateless. */
final class AnswerView {
  /** Characters of the passage before and behind a span. */
  private static final int AROUND = 50;

  private AnswerView() {}

  static void show(AnswerReply reply, String passage, Screen screen) {
    if (reply.hasSpan()) {
      show(reply.getSpan(), reply.getAbstained(), passage, screen);
    } else {
      BooleanAnswer answer = reply.getBoolean();
      screen.line(
          "%s  %.3f%s",
          screen.strong(answer.getValue() ? "yes" : "no"),
          answer.getScore(),
          reply.getAbstained() ? "  (abstained)" : "");
    }
  }

  private static void show(SpanAnswer span, boolean abstained, String passage, Screen screen) {
    if (span.getText().isEmpty()) {
      screen.line("%s", screen.strong("no answer"));
      return;
    }
    String text = flat(span.getText());
    screen.line(
        "%s  %.3f  (no answer %.3f)%s",
        screen.strong(abstained ? "no answer" : text),
        span.getScore(),
        span.getNoAnswer(),
        abstained ? "; nearest: " + text : "");
    int start = passage.offsetByCodePoints(0, span.getStart());
    int end = passage.offsetByCodePoints(start, span.getEnd() - span.getStart());
    int from = passage.offsetByCodePoints(start, -Math.min(AROUND, span.getStart()));
    int after = passage.codePointCount(end, passage.length());
    int to = passage.offsetByCodePoints(end, Math.min(AROUND, after));
    screen.line(
        "%d-%d: %s%s[%s]%s%s",
        span.getStart(),
        span.getEnd(),
        from == 0 ? "" : "...",
        flat(passage.substring(from, start)),
        screen.strong(flat(passage.substring(start, end))),
        flat(passage.substring(end, to)),
        to == passage.length() ? "" : "...");
  }

  /** On one line. */
  private static String flat(String text) {
    return text.replaceAll("\\s", " ");
  }
}
