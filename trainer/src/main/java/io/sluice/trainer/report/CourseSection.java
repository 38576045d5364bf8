package io.sluice.trainer.report;

import io.sluice.registry.bundle.TaskKind;
import io.sluice.trainer.history.DevScore;
import io.sluice.trainer.history.RunHistory;
import io.sluice.trainer.history.SearchedCandidate;
import io.sluice.trainer.history.StepSpan;
import j2html.tags.ContainerTag;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** The curves of a run: loss, score, budget, what is open, gradient and learning rate. */
final class CourseSection {
  private static final int TABLE_ROWS = 12;

  private final ReportData data;
  private final RunHistory history;
  private final List<PhaseBand> bands;
  private final GateSums sums;

  private CourseSection(ReportData data) {
    this.data = data;
    this.history = data.history();
    this.bands = PhaseBand.of(history);
    this.sums = new GateSums(history);
  }

  static ContainerTag<?> draw(ReportData data) {
    CourseSection course = new CourseSection(data);
    return Markup.element(
        "section",
        Markup.text("h2", "The course of the run"),
        Markup.styled(
            "div",
            "charts",
            course.loss(),
            course.score(),
            course.budget(),
            course.parameters(),
            course.flops(),
            course.gradient()));
  }

  private ContainerTag<?> loss() {
    LineChart chart =
        chart("loss", "Loss", "Training loss by step, and loss on the dev rows where measured.")
            .from(0)
            .line("training", "c1", points(StepSpan::loss))
            .dots("dev", "c2", scores(DevScore::loss));
    return figure(
        data.manifest().kind() == TaskKind.REGRESS
            ? "Loss, squared error a row"
            : "Loss, nats a row",
        chart,
        List.of("steps", "training", "least", "greatest"),
        List.of(StepSpan::loss, StepSpan::leastLoss, StepSpan::greatestLoss));
  }

  private ContainerTag<?> score() {
    String metric = data.outcome().metric();
    LineChart chart =
        chart("score", "Dev " + metric, "The score on the dev rows, beside the linear probe's.")
            .dots("adapters", "c2", scores(score -> score.metric(metric)))
            .level("linear probe", "c4 dashed", data.outcome().probe());
    history.scores().stream()
        .filter(DevScore::best)
        .reduce((first, second) -> second)
        .map(best -> new LineChart.Point(best.step(), best.metric(metric)))
        .filter(best -> Double.isFinite(best.value()))
        .ifPresent(chart::mark);
    List<List<String>> rows =
        history.scores().stream()
            .map(
                score ->
                    List.of(
                        Integer.toString(score.step()),
                        MeasureForm.value(metric, score.metric(metric)),
                        Figures.decimal(score.loss()),
                        score.best() ? "best so far" : ""))
            .toList();
    String caption = "Dev " + MeasureForm.name(metric) + "; the ring is what was kept";
    return Markup.figure(
        caption, chart.draw(), Markup.table(caption, List.of("step", metric, "loss", ""), rows));
  }

  private ContainerTag<?> budget() {
    LineChart chart =
        chart("budget", "Cost and budget", "Expected cost of the gates under the falling budget.")
            .from(0)
            .line("in force", "c3 dashed", points(StepSpan::budgetInForce))
            .line("expected cost", "c1", points(StepSpan::expectedCost))
            .level("limit", "c4 dashed", history.budget());
    return figure(
        "Cost and budget, " + history.unit(),
        chart,
        List.of("steps", "budget in force", "expected cost"),
        List.of(StepSpan::budgetInForce, StepSpan::expectedCost));
  }

  private ContainerTag<?> parameters() {
    return open("parameters", "Parameters", SearchedCandidate::parameters);
  }

  private ContainerTag<?> flops() {
    return open("flops", "Operations per token", SearchedCandidate::flopsPerToken);
  }

  /** What is open: expected, as gates are sampled, and of the gates that are likely open. */
  private ContainerTag<?> open(String id, String what, ToDoubleFunction<SearchedCandidate> of) {
    LineChart chart =
        chart(
                id,
                what + " of open gates",
                what
                    + " of the candidates, each times its P(open); dashed, of those alone whose"
                    + " P(open) is above 1/2.")
            .from(0)
            .line("P(open) above 1/2", "c3 dashed", sums.likely(of))
            .line("expected", "c1", sums.expected(of));
    String caption = what + " of open gates";
    return Markup.figure(
        caption,
        chart.draw(),
        Markup.table(
            caption,
            List.of("step", "gates expected", "expected", "gates above 1/2", "above 1/2"),
            sums.table(of, TABLE_ROWS)));
  }

  private ContainerTag<?> gradient() {
    LineChart chart =
        chart("gradient", "Gradient", "Length of the gradient before clipping.")
            .from(0)
            .line("gradient norm", "c1", points(StepSpan::gradientNorm));
    return figure(
        "Length of the gradient before clipping",
        chart,
        List.of("steps", "gradient norm", "learning rate"),
        List.of(StepSpan::gradientNorm, StepSpan::learningRate));
  }

  private LineChart chart(String id, String title, String description) {
    return new LineChart(id, title, description, bands, history.steps());
  }

  private List<LineChart.Point> points(ToDoubleFunction<StepSpan> of) {
    return history.spans().stream()
        .map(
            span ->
                new LineChart.Point(
                    (span.firstStep() + span.lastStep()) / 2.0, of.applyAsDouble(span)))
        .toList();
  }

  private List<LineChart.Point> scores(ToDoubleFunction<DevScore> of) {
    return history.scores().stream()
        .map(score -> new LineChart.Point(score.step(), of.applyAsDouble(score)))
        .toList();
  }

  private ContainerTag<?> figure(
      String caption,
      LineChart chart,
      List<String> header,
      List<ToDoubleFunction<StepSpan>> columns) {
    List<StepSpan> spans = history.spans();
    int rows = Math.min(TABLE_ROWS, spans.size());
    List<List<String>> table = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      List<StepSpan> part =
          spans.subList(row * spans.size() / rows, (row + 1) * spans.size() / rows);
      List<String> cells = new ArrayList<>();
      cells.add(part.get(0).firstStep() + " to " + part.get(part.size() - 1).lastStep());
      for (ToDoubleFunction<StepSpan> column : columns) {
        cells.add(Figures.brief(mean(part, column)));
      }
      table.add(cells);
    }
    return Markup.figure(caption, chart.draw(), Markup.table(caption + ", means", header, table));
  }

  private static double mean(List<StepSpan> part, ToDoubleFunction<StepSpan> column) {
    return IntStream.range(0, part.size())
        .mapToDouble(i -> column.applyAsDouble(part.get(i)))
        .average()
        .orElse(Double.NaN);
  }
}
