package io.sluice.cli.command.ask;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.cli.command.option.Output;
import io.sluice.cli.command.option.ServerOption;
import io.sluice.cli.rows.ReplyJson;
import io.sluice.cli.rows.RowInput;
import io.sluice.cli.rows.RowOutput;
import io.sluice.cli.terminal.Screen;
import io.sluice.proto.v1.AnswerReply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Asks a running server questions about passages: yes or no, or a span. */
@Command(
    name = "answer",
    description = {
      "Ask a running server for the answer to a question about a passage: yes or no, or a span of"
          + " it.",
      "Rows of --input are {\"question\": ..., \"passage\": ...}, maybe with an \"id\" that comes"
          + " back; \"context\" is as good as \"passage\"."
    })
public final class AnswerCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ServerOption server = new ServerOption();
  @Mixin private RowsOption rows = new RowsOption();

  @Option(names = "--question", paramLabel = "TEXT", description = "The question.")
  private @Nullable String question;

  @Option(
      names = "--passage",
      paramLabel = "TEXT|FILE|-",
      description = "What it is about: a file of that name if there is one, - standard input.")
  private @Nullable String passage;

  @Option(names = "--json", description = "Print the reply as a JSON line.")
  private boolean json;

  @Parameters(paramLabel = "TASK", description = "The task to ask.")
  private String task = "";

  @Override
  public Integer call() {
    String asked = question;
    String about = passage;
    if (rows.asked(asked != null || about != null, "--question")) {
      return askAll();
    }
    if (asked == null || about == null) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          (asked == null ? "--question" : "--passage") + ": none (expected: both of them)");
    }
    String text = text(about);
    AnswerReply reply = server.inference().answer(task, asked, text);
    Screen screen = Output.of(spec);
    if (json) {
      screen.line("%s", ReplyJson.add(ReplyJson.begin(null, 1, task), reply));
      return 0;
    }
    AnswerView.show(reply, text, screen);
    screen.line("%s", screen.faint(ReplyLine.of(reply.getInfo())));
    return 0;
  }

  private int askAll() {
    try (RowInput input = rows.open();
        RowOutput output = rows.create(spec)) {
      AnswerRows questions = new AnswerRows(input, task);
      server.inference().answerAll(questions, outcome -> output.write(questions.line(outcome)));
      output.summarise();
      return output.allAnswered() ? 0 : 1;
    }
  }

  private static String text(String passage) {
    try {
      if (passage.equals(RowInput.STANDARD_INPUT)) {
        return new String(System.in.readAllBytes(), UTF_8);
      }
      Path file = file(passage);
      return file == null ? passage : Files.readString(file);
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "passage: " + passage + ": " + e + " (expected: UTF-8)", e);
    }
  }

  private static @Nullable Path file(String name) {
    try {
      Path file = Path.of(name);
      return Files.isRegularFile(file) ? file : null;
    } catch (InvalidPathException e) {
      return null;
    }
  }
}
