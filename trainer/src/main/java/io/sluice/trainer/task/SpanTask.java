package io.sluice.trainer.task;

import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Encoding;
import io.sluice.registry.answer.SpanWindows;
import io.sluice.registry.bundle.Pooling;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.data.Example;
import io.sluice.trainer.data.Truth;
import io.sluice.trainer.model.EncodedRows;
import io.sluice.trainer.model.SpanHead;
import io.sluice.trainer.model.SpanTargets;
import io.sluice.trainer.model.TaskHead;
import java.util.ArrayList;
import java.util.List;

/**
 * A span of the second text that answers the first, or none. A long text is several rows; those
 * without the answer are to say "no answer", which is a token of their own.
 */
record SpanTask() implements Task {

  static SpanTask of(SetProblems problems) {
    problems.requirePairs("two, the question and the text");
    problems.requireTruth(Truth.Spans.class, "spans of the text");
    return new SpanTask();
  }

  @Override
  public TaskKind kind() {
    return TaskKind.ANSWER_SPAN;
  }

  @Override
  public List<String> labels() {
    return List.of();
  }

  @Override
  public TaskHead head(Pooling pooling) {
    return new SpanHead();
  }

  @Override
  public TaskRows encode(Dataset set, BackboneTokenizer tokenizer, RowLimits limits) {
    List<Encoding> encodings = new ArrayList<>();
    List<int[]> positions = new ArrayList<>();
    List<SpanJudge.Asked> asked = new ArrayList<>();
    for (Example example : set.examples()) {
      SpanWindows windows =
          SpanWindows.over(tokenizer.spans(example.text(), example.pair()), limits.windows());
      List<Truth.Span> answers = ((Truth.Spans) example.truth()).answers();
      List<int[]> known =
          answers.stream()
              .map(span -> windows.tokensOf(span.start(), span.end()))
              .filter(tokens -> tokens != null)
              .map(int[].class::cast)
              .toList();
      asked.add(SpanJudge.Asked.of(example, windows, encodings.size()));
      for (SpanWindows.Window window : windows.windows()) {
        encodings.add(window.encoding());
        positions.add(
            known.stream()
                .filter(tokens -> tokens[0] >= window.from() && tokens[1] < window.to())
                .findFirst()
                .map(window::positions)
                .orElseGet(() -> window.positions(null)));
      }
    }
    SpanTargets targets =
        new SpanTargets(
            positions.stream().mapToInt(pair -> pair[0]).toArray(),
            positions.stream().mapToInt(pair -> pair[1]).toArray());
    return new TaskRows(new EncodedRows(encodings, targets), new SpanJudge(asked, targets));
  }
}
