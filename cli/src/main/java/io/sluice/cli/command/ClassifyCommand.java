package io.sluice.cli.command;

import io.sluice.backbone.Digest;
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

/** Asks a running server for the label of a text, under one task or several. */
@Command(
    name = "classify",
    description = "Ask a running server for the label of a text, under one task or several.")
final class ClassifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServerOption server = new ServerOption();

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

  @Parameters(paramLabel = "TEXT", description = "The text.")
  private String text = "";

  @Override
  public Integer call() {
    Screen screen = Output.of(spec);
    if (tasks.size() == 1) {
      show(server.inference().classify(tasks.get(0), text, pair), screen);
    } else {
      show(server.inference().classify(tasks, text, pair), screen);
    }
    return 0;
  }

  private void show(ClassifyReply reply, Screen screen) {
    screen.line(
        "%s  %.3f%s",
        screen.strong(reply.getLabel()),
        bestScore(reply),
        reply.getAbstained() ? "  (abstained)" : "");
    if (all) {
      screen.table(scores(reply));
    }
    screen.line("%s", screen.faint(ReplyLine.of(reply.getInfo())));
  }

  /** A row a task; what they had in common was computed once. */
  private void show(MultiClassifyReply reply, Screen screen) {
    Table table = new Table("task", "label", "score>", "shared blocks>", "own time>", "bundle");
    for (TaskClassification result : reply.getResultsList()) {
      ClassifyReply one = result.getReply();
      ReplyInfo info = one.getInfo();
      table.row(
          result.getTask(),
          one.getLabel() + (one.getAbstained() ? " (abstained)" : ""),
          String.format(Locale.ROOT, "%.3f", bestScore(one)),
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
