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
import io.sluice.trainer.data.Example;
import io.sluice.trainer.data.Truth;
import io.sluice.trainer.evaluate.BundleEvaluation;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.metric.LabelTally;
import io.sluice.trainer.task.Reply;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a bundle reaches as JSON: one object of figures, and a line a row with what was said and
 * what is right. A line has the keys of {@code classify --input} and {@code answer --input}.
 */
public final class EvaluationJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private EvaluationJson() {}

  /** The figures. */
  public static ObjectNode figures(AdapterBundle bundle, BundleEvaluation found) {
    Manifest manifest = bundle.manifest();
    ObjectNode json =
        JSON.objectNode()
            .put("bundle", bundle.digest().toString())
            .put("kind", manifest.kind().name().toLowerCase(Locale.ROOT))
            .put("source", found.rows().source())
            .put("data", found.rows().digest().toString())
            .put("rows", found.rows().size())
            .put("truncated", found.truncated());
    put(json.putObject("measures"), found.measures());
    put(json.putObject("dev_measures"), found.promised());
    List<LabelTally> byLabel = found.evaluation().byLabel();
    if (!byLabel.isEmpty()) {
      ArrayNode labels = json.putArray("labels");
      for (int label = 0; label < byLabel.size(); label++) {
        LabelTally tally = byLabel.get(label);
        labels
            .addObject()
            .put("label", manifest.labels().get(label))
            .put("rows", tally.rows())
            .put("precision", tally.precision())
            .put("recall", tally.recall())
            .put("f1", tally.f1());
      }
      ArrayNode mistakes = json.putArray("mistakes");
      for (Evaluation.Mistake mistake : found.evaluation().mistakes()) {
        mistakes
            .addObject()
            .put("truth", manifest.labels().get(mistake.truth()))
            .put("answer", manifest.labels().get(mistake.answer()))
            .put("rows", mistake.rows());
      }
    }
    return json;
  }

  /**
   * Writes a line a row: to a file all or nothing, so that what is there is there as long as this
   * is not; to what is none, a pipe, one after another.
   *
   * @throws SluiceException INVALID_ARGUMENT when the file cannot be written
   */
  public static void write(AdapterBundle bundle, BundleEvaluation found, Path file) {
    try {
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        try (OutputStream pipe = Files.newOutputStream(file)) {
          lines(bundle, found, pipe);
        }
      } else {
        DurableFiles.replace(
            Files.exists(file) ? file.toRealPath() : file, out -> lines(bundle, found, out));
      }
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "output: " + file + ": " + e + " (expected: a file)", e);
    }
  }

  private static void lines(AdapterBundle bundle, BundleEvaluation found, OutputStream out)
      throws IOException {
    List<Example> examples = found.rows().examples();
    Writer lines = new BufferedWriter(new OutputStreamWriter(out, UTF_8));
    for (int row = 0; row < examples.size(); row++) {
      ObjectNode line = line(bundle.manifest(), examples.get(row), found.replies().get(row));
      lines.write(line.put("bundle", bundle.digest().toString()) + "\n");
    }
    lines.flush();
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

  private static void put(ObjectNode json, Map<String, Double> measures) {
    measures.forEach(json::put);
  }
}
