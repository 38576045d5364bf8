package io.sluice.cli.command;

import io.sluice.cli.terminal.Screen;
import io.sluice.proto.v1.AnswerReply;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Asks a running server whether a passage says yes or no to a question. */
@Command(
    name = "answer",
    description = "Ask a running server for the answer to a question about a passage.")
final class AnswerCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServerOption server = new ServerOption();

  @Option(names = "--task", required = true, description = "The task to ask.")
  private String task = "";

  @Option(names = "--passage", required = true, description = "What the question is about.")
  private String passage = "";

  @Parameters(paramLabel = "QUESTION", description = "The question.")
  private String question = "";

  @Override
  public Integer call() {
    AnswerReply reply = server.inference().answer(task, question, passage);
    Screen screen = Output.of(spec);
    screen.line(
        "%s  %.3f%s",
        screen.strong(reply.getBoolean().getValue() ? "yes" : "no"),
        reply.getBoolean().getScore(),
        reply.getAbstained() ? "  (abstained)" : "");
    screen.line("%s", screen.faint(ReplyLine.of(reply.getInfo())));
    return 0;
  }
}
