package io.sluice.cli.command.ask;

import io.sluice.backbone.Digest;
import io.sluice.cli.command.option.Output;
import io.sluice.cli.command.option.ServerOption;
import io.sluice.cli.rows.ReplyJson;
import io.sluice.cli.rows.RowInput;
import io.sluice.cli.rows.RowOutput;
import io.sluice.cli.terminal.Screen;
import io.sluice.cli.terminal.Table;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.LabelScore;
import io.sluice.proto.v1.MultiClassifyReply;
import io.sluice.proto.v1.ReplyInfo;
import io.sluice.proto.v1.TaskClassification;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Asks a running server for the label, labels or value of texts, under one task or several. */
@Command(
    name = "classify",
    description = {
      "Ask a running server for the label of a text, its labels or a value, under one task or"
          + " several.",
      "Rows of --input are {\"text\": ...}, maybe with \"text_pair\" and an \"id\" that comes back."
    })
public final class ClassifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServerOption server = new ServerOption();
  @Mixin private RowsOption rows = new RowsOption();

  @Option(
      names = "--task",
      required = true,
      split = ",",
      paramLabel = "NAME",
      description = "The task to ask, or several: --task a,b or --task a --task b.")
  private List<String> tasks = List.of();

  @Option(names = "--pair", paramLabel = "TEXT", description = "The second text of a pair task.")
  private @Nullable String pair;

  @Option(names = "--all", description = "Print every label with its score.")
  private boolean all;

  @Option(names = "--json", description = "Print the reply as a JSON line a task.")
  private boolean json;

  @Parameters(paramLabel = "TEXT", arity = "0..1", description = "The text.")
  private @Nullable String text;

  @Override
  public Integer call() {
    String asked = text;
    if (rows.asked(asked != null, "TEXT") || asked == null) {
      return askAll();
    }
    Screen screen = Output.of(spec);
    if (tasks.size() == 1) {
      show(server.inference().classify(tasks.get(0), asked, pair), screen);
    } else {
      show(server.inference().classify(tasks, asked, pair), screen);
    }
    return 0;
  }

  private int askAll() {
    try (RowInput input = rows.open();
        RowOutput output = rows.create(spec)) {
      ClassifyRows requests = new ClassifyRows(input, tasks, all);
      server.inference().classifyAll(requests, outcome -> output.write(requests.line(outcome)));
      output.summarise();
      return output.allAnswered() ? 0 : 1;
    }
  }

  private void show(ClassifyReply reply, Screen screen) {
    if (json) {
      print(tasks.get(0), reply, screen);
      return;
    }
    screen.line(
        "%s%s%s",
        screen.strong(saying(reply)),
        reply.getLabel().isEmpty() ? "" : "  " + probability(bestScore(reply)),
        reply.getAbstained() ? "  (abstained)" : "");
    if (all && reply.getScoresCount() > 0) {
      screen.table(scores(reply));
    }
    screen.line("%s", screen.faint(ReplyLine.of(reply.getInfo())));
  }

  /** A row a task; what they had in common was computed once. */
  private void show(MultiClassifyReply reply, Screen screen) {
    if (json) {
      reply.getResultsList().forEach(one -> print(one.getTask(), one.getReply(), screen));
      return;
    }
    Table table = new Table("task", "says", "score>", "shared blocks>", "own time>", "bundle");
    for (TaskClassification result : reply.getResultsList()) {
      ClassifyReply one = result.getReply();
      ReplyInfo info = one.getInfo();
      table.row(
          result.getTask(),
          saying(one) + (one.getAbstained() ? " (abstained)" : ""),
          one.getLabel().isEmpty() ? "" : probability(bestScore(one)),
          info.getLayersShared() + " of " + info.getLayersRun(),
          ReplyLine.millis(info.getTimings().getMarginal()),
          Digest.parse(info.getBundleDigest()).shortForm());
    }
    screen.table(table);
    if (all) {
      for (TaskClassification result : reply.getResultsList()) {
        screen.gap();
        screen.line("%s", screen.strong(result.getTask()));
        screen.table(scores(result.getReply()));
      }
    }
    screen.line("%s", screen.faint(ReplyLine.of(reply.getResults(0).getReply().getInfo())));
  }

  private void print(String task, ClassifyReply reply, Screen screen) {
    screen.line("%s", ReplyJson.add(ReplyJson.begin(null, 1, task), reply, all));
  }

  /** The label, the labels or the value. */
  private static String saying(ClassifyReply reply) {
    if (reply.hasValue()) {
      return String.format(Locale.ROOT, "%.4f", reply.getValue());
    }
    if (!reply.getLabel().isEmpty()) {
      return reply.getLabel();
    }
    return reply.getLabelsCount() == 0 ? "no label" : String.join(", ", reply.getLabelsList());
  }

  private static String probability(double score) {
    return String.format(Locale.ROOT, "%.3f", score);
  }

  private static double bestScore(ClassifyReply reply) {
    return reply.getScoresList().stream().mapToDouble(LabelScore::getScore).max().orElse(0);
  }

  private static Table scores(ClassifyReply reply) {
    Table table = new Table("label", "score>");
    reply.getScoresList().stream()
        .sorted(Comparator.comparingDouble(LabelScore::getScore).reversed())
        .forEach(s -> table.row(s.getLabel(), String.format(Locale.ROOT, "%.4f", s.getScore())));
    return table;
  }
}
