package io.sluice.trainer.task;

import io.sluice.registry.answer.Decision;
import io.sluice.registry.answer.SpanSearch;
import io.sluice.registry.answer.SpanWindows;
import io.sluice.trainer.data.Example;
import io.sluice.trainer.data.Truth;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.metric.SpanOverlap;
import io.sluice.trainer.model.SpanTargets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Takes the best span over all windows of an example, as {@link SpanSearch} finds it. Where some
 * examples have no answer, none is given below the threshold that suits these examples best.
 *
 * @param asked the examples, in order
 * @param targets where the answers stand in each row
 */
record SpanJudge(List<Asked> asked, SpanTargets targets) implements Judge {
  /**
   * One example.
   *
   * @param text what spans are pieces of
   * @param truth its answers, none if there is none
   * @param windows its rows
   * @param firstRow number of the first of them
   */
  record Asked(String text, List<String> truth, SpanWindows windows, int firstRow) {
    static Asked of(Example example, SpanWindows windows, int firstRow) {
      String text = example.pair() == null ? "" : example.pair();
      List<String> truth =
          ((Truth.Spans) example.truth()).answers().stream().map(Truth.Span::text).toList();
      return new Asked(text, truth, windows, firstRow);
    }
  }

  @Override
  public Evaluation evaluate(float[][] logits) {
    double threshold = silent() ? Abstention.bestThreshold(answers(logits, 1)) : 0;
    return evaluate(logits, new Decision(1, threshold));
  }

  @Override
  public Evaluation evaluate(float[][] logits, Decision decision) {
    List<String> given = new ArrayList<>();
    for (Asked one : asked) {
      SpanSearch.Found found = find(one, logits, decision.temperature());
      given.add(found.abstains(decision) ? "" : found.of(one.text));
    }
    return SpanOverlap.of(asked.stream().map(Asked::truth).toList(), given);
  }

  @Override
  public List<Reply> replies(float[][] logits, Decision decision) {
    List<Reply> replies = new ArrayList<>();
    for (Asked one : asked) {
      SpanSearch.Found found = find(one, logits, decision.temperature());
      Truth.Span span = new Truth.Span(found.of(one.text), found.start());
      Truth said = new Truth.Spans(span.text().isEmpty() ? List.of() : List.of(span));
      boolean truncated = one.windows.questionCut();
      replies.add(new Reply(said, found.score(), found.abstains(decision), truncated));
    }
    return replies;
  }

  @Override
  public List<Answer> answers(float[][] logits, double temperature) {
    List<Answer> answers = new ArrayList<>();
    for (Asked one : asked) {
      SpanSearch.Found found = find(one, logits, temperature);
      double worth = SpanOverlap.f1(one.truth, found.of(one.text));
      answers.add(new Answer(found.score(), worth, one.truth.isEmpty() ? 1 : 0));
    }
    return answers;
  }

  /** Two choices a row: where the answer starts and where it ends. */
  @Override
  public List<Choice> choices(float[][] logits) {
    List<Choice> choices = new ArrayList<>();
    for (int row = 0; row < logits.length; row++) {
      int tokens = logits[row].length / 2;
      choices.add(Choice.of(logits[row], 0, tokens, targets.starts()[row]));
      choices.add(Choice.of(logits[row], tokens, 2 * tokens, targets.ends()[row]));
    }
    return choices;
  }

  @Override
  public boolean silent() {
    return asked.stream().anyMatch(one -> one.truth.isEmpty());
  }

  private static SpanSearch.Found find(Asked asked, float[][] logits, double temperature) {
    List<float[]> rows =
        Arrays.asList(logits)
            .subList(asked.firstRow, asked.firstRow + asked.windows.windows().size());
    return SpanSearch.best(asked.windows, rows, temperature);
  }
}
