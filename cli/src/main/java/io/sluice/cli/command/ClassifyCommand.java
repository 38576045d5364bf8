package io.sluice.cli.command;

import io.sluice.cli.terminal.Screen;
import io.sluice.cli.terminal.Table;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.LabelScore;
import java.util.Comparator;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Asks a running server for the label of a text. */
@Command(name = "classify", description = "Ask a running server for the label of a text.")
final class ClassifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServerOption server = new ServerOption();

  @Option(names = "--task", required = true, description = "The task to ask.")
  private String task = "";

  @Option(names = "--pair", paramLabel = "TEXT", description = "The second text of a pair task.")
  private @Nullable String pair;

  @Option(names = "--all", description = "Print every label with its score.")
  private boolean all;

  @Parameters(paramLabel = "TEXT", description = "The text.")
  private String text = "";

  @Override
  public Integer call() {
    ClassifyReply reply = server.inference().classify(task, text, pair);
    Screen screen = Output.of(spec);
    float best =
        (float) reply.getScoresList().stream().mapToDouble(LabelScore::getScore).max().orElse(0);
    screen.line(
        "%s  %.3f%s",
        screen.strong(reply.getLabel()), best, reply.getAbstained() ? "  (abstained)" : "");
    if (all) {
      Table table = new Table("label", "score>");
      reply.getScoresList().stream()
          .sorted(Comparator.comparingDouble(LabelScore::getScore).reversed())
          .forEach(s -> table.row(s.getLabel(), String.format(Locale.ROOT, "%.4f", s.getScore())));
      screen.table(table);
    }
    screen.line("%s", screen.faint(ReplyLine.of(reply.getInfo())));
    return 0;
  }
}
