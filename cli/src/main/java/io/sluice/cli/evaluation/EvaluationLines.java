package io.sluice.cli.evaluation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.backbone.DurableFiles;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.answer.BooleanLabels;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.Manifest;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.data.Example;
import io.sluice.trainer.data.Truth;
import io.sluice.trainer.task.Reply;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * What a bundle said to each row and what is right, a JSON line a row, with the keys of {@code
 * classify --input} and {@code answer --input}. Confined to one thread.
 */
public final class EvaluationLines {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final AdapterBundle bundle;
  private final Writer lines;

  private EvaluationLines(AdapterBundle bundle, OutputStream out) {
    this.bundle = bundle;
    this.lines = new BufferedWriter(new OutputStreamWriter(out, UTF_8));
  }

  /**
   * Has lines written while they come: to a file all or nothing, so that what is there is there as
   * long as this is not; to what is none, a pipe, one after another.
   *
   * @param work writes the lines
   * @throws SluiceException INVALID_ARGUMENT when the file cannot be written
   */
  public static void write(AdapterBundle bundle, Path file, Consumer<EvaluationLines> work) {
    try {
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        try (OutputStream pipe = Files.newOutputStream(file)) {
          write(bundle, pipe, work);
        }
      } else {
        DurableFiles.replace(
            Files.exists(file) ? file.toRealPath() : file, out -> write(bundle, out, work));
      }
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "output: " + file + ": " + e + " (expected: a file)", e);
    }
  }

  private static void write(AdapterBundle bundle, OutputStream out, Consumer<EvaluationLines> work)
      throws IOException {
    EvaluationLines lines = new EvaluationLines(bundle, out);
    try {
      work.accept(lines);
    } catch (UncheckedIOException e) {
      throw requireNonNull(e.getCause(), "cause");
    }
    lines.lines.flush();
  }

  /** Writes the next rows. */
  public void add(Dataset rows, List<Reply> replies) {
    List<Example> examples = rows.examples();
    try {
      for (int row = 0; row < examples.size(); row++) {
        ObjectNode line = line(bundle.manifest(), examples.get(row), replies.get(row));
        lines.write(line.put("bundle", bundle.digest().toString()) + "\n");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode line(Manifest manifest, Example example, Reply reply) {
    ObjectNode line = JSON.objectNode().put("row", example.line());
    float score = (float) reply.score();
    switch (manifest.kind()) {
      case CLASSIFY ->
          line.put("label", name(reply.said()))
              .put("score", score)
              .put("truth", name(example.truth()));
      case ANSWER_BOOLEAN ->
          line.put("answer", yes(reply.said()))
              .put("score", score)
              .put("truth", yes(example.truth()));
      case MULTI_LABEL -> {
        reply.said().fields().forEach(line.putArray("labels")::add);
        example.truth().fields().forEach(line.putArray("truth")::add);
      }
      case REGRESS ->
          line.put("value", (float) value(reply.said())).put("truth", value(example.truth()));
      case ANSWER_SPAN -> {
        putSpan(
            line, ((Truth.Spans) reply.said()).answers(), requireNonNull(example.pair(), "pair"));
        line.put("score", score);
        ArrayNode truth = line.putArray("truth");
        ((Truth.Spans) example.truth()).answers().forEach(span -> truth.add(span.text()));
      }
    }
    return line.put("abstained", reply.abstains()).put("truncated", reply.truncated());
  }

  /** With its place in code points. */
  private static void putSpan(ObjectNode line, List<Truth.Span> said, String text) {
    Truth.Span span = said.isEmpty() ? new Truth.Span("", 0) : said.get(0);
    line.put("answer", span.text())
        .put("start", text.codePointCount(0, span.start()))
        .put("end", text.codePointCount(0, span.end()));
  }

  private static String name(Truth truth) {
    return ((Truth.Label) truth).name();
  }

  private static boolean yes(Truth truth) {
    return BooleanLabels.YES.contains(name(truth).toLowerCase(Locale.ROOT));
  }

  private static double value(Truth truth) {
    return ((Truth.Value) truth).value();
  }
}
