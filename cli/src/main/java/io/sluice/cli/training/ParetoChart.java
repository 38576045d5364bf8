package io.sluice.cli.training;

import io.sluice.cli.terminal.Quantities;
import java.util.List;
import java.util.Locale;

/**
 * A sweep as a drawing: parameters of the adapters (logarithmic) against the score, a line through
 * the efficient stops, a dashed one where a linear probe is. SVG, no script, no outside reference.
 */
public final class ParetoChart {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 420;
  private static final int LEFT = 76;
  private static final int RIGHT = 110;
  private static final int TOP = 44;
  private static final int BOTTOM = 64;
  private static final int GRID_LINES = 5;
  private static final double[] STEPS = {1, 2, 5, 10};

  private final Pareto pareto;
  private final double leastCost;
  private final double mostCost;
  private final double leastScore;
  private final double mostScore;
  private final double scoreStep;
  private final StringBuilder svg = new StringBuilder();

  private ParetoChart(Pareto pareto) {
    this.pareto = pareto;
    double least = pareto.stops().stream().mapToLong(Pareto.Stop::parameters).min().orElse(1);
    double most = pareto.stops().stream().mapToLong(Pareto.Stop::parameters).max().orElse(1);
    leastCost = Math.max(1, least) / 1.3;
    mostCost = Math.max(1, most) * 1.3;
    double low = pareto.probe();
    double high = pareto.probe();
    for (Pareto.Stop stop : pareto.stops()) {
      low = Math.min(low, stop.score());
      high = Math.max(high, stop.score());
    }
    scoreStep = step(Math.max(0.01, high - low) / (GRID_LINES - 1));
    leastScore = Math.floor(low / scoreStep) * scoreStep;
    mostScore = Math.max(leastScore + scoreStep, Math.ceil(high / scoreStep) * scoreStep);
  }

  /** The drawing as SVG text. */
  public static String svg(Pareto pareto) {
    return new ParetoChart(pareto).draw();
  }

  private String draw() {
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\""
            + " height=\"%d\" role=\"img\" font-family=\"system-ui,sans-serif\" font-size=\"13\">",
        WIDTH, HEIGHT, WIDTH, HEIGHT);
    add("<title>%s against parameters of the adapters</title>", pareto.measure());
    add("<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>", WIDTH, HEIGHT);
    scoreAxis();
    costAxis();
    probe();
    front();
    for (Pareto.Stop stop : pareto.stops()) {
      stop(stop);
    }
    svg.append("</svg>\n");
    return svg.toString();
  }

  private void scoreAxis() {
    for (double score = leastScore; score <= mostScore + scoreStep / 2; score += scoreStep) {
      double y = y(score);
      add(
          "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#e4e7eb\"/>",
          LEFT, y, WIDTH - RIGHT, y);
      add(
          "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" fill=\"#52606d\">%s</text>",
          LEFT - 10, y + 4.5, number(score));
    }
    add(
        "<text x=\"%d\" y=\"24\" fill=\"#1f2933\" font-weight=\"600\">%s on the dev rows</text>",
        LEFT, pareto.measure());
  }

  private void costAxis() {
    int bottom = HEIGHT - BOTTOM;
    add(
        "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#9aa5b1\"/>",
        LEFT, bottom, WIDTH - RIGHT, bottom);
    for (double power = Math.pow(10, Math.floor(Math.log10(leastCost)));
        power <= mostCost;
        power *= 10) {
      for (double multiple : new double[] {1, 2, 5}) {
        double cost = power * multiple;
        if (cost >= leastCost && cost <= mostCost) {
          add(
              "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#9aa5b1\"/>",
              x(cost), bottom, x(cost), bottom + 5);
          add(
              "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#52606d\">%s</text>",
              x(cost), bottom + 21, Quantities.count(Math.round(cost)));
        }
      }
    }
    add(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" fill=\"#1f2933\">"
            + "parameters of the adapters</text>",
        (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 18);
  }

  private void probe() {
    double y = y(pareto.probe());
    add(
        "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#7b8794\""
            + " stroke-dasharray=\"5 4\"/>",
        LEFT, y, WIDTH - RIGHT, y);
    add(
        "<text x=\"%d\" y=\"%.1f\" fill=\"#52606d\">linear probe</text>",
        WIDTH - RIGHT + 8, y + 4.5);
  }

  private void front() {
    List<Pareto.Stop> front = pareto.front();
    StringBuilder path = new StringBuilder();
    for (Pareto.Stop stop : front) {
      path.append(path.length() == 0 ? "M" : " L")
          .append(
              String.format(
                  Locale.ROOT, "%.1f %.1f", x((double) stop.parameters()), y(stop.score())));
    }
    add("<path d=\"%s\" fill=\"none\" stroke=\"#0b7285\" stroke-width=\"2\"/>", path);
  }

  private void stop(Pareto.Stop stop) {
    double x = x((double) stop.parameters());
    double y = y(stop.score());
    boolean efficient = pareto.efficient(stop);
    add(
        "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"%s\" stroke=\"#0b7285\""
            + " stroke-width=\"2\"><title>%s: %s, %s parameters</title></circle>",
        x,
        y,
        efficient ? "#0b7285" : "#ffffff",
        stop.budget(),
        stop.scoreText(),
        Quantities.count(stop.parameters()));
    add(
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" fill=\"#1f2933\">%s</text>",
        x, y - 12, stop.budget());
  }

  private double x(double cost) {
    double share = Math.log(cost / leastCost) / Math.log(mostCost / leastCost);
    return LEFT + share * (WIDTH - LEFT - RIGHT);
  }

  private double y(double score) {
    double share = (score - leastScore) / (mostScore - leastScore);
    return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP);
  }

  private String number(double score) {
    return String.format(Locale.ROOT, scoreStep < 0.01 ? "%.3f" : "%.2f", score);
  }

  /** The next of 1, 2, 5 times a power of ten. */
  private static double step(double least) {
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (double step : STEPS) {
      if (step * power >= least * (1 - 1e-9)) {
        return step * power;
      }
    }
    return 10 * power;
  }

  private void add(String format, Object... arguments) {
    svg.append(String.format(Locale.ROOT, format, arguments)).append('\n');
  }
}
