package io.sluice.cli.command;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.cli.evaluation.EvaluationJson;
import io.sluice.cli.evaluation.EvaluationText;
import io.sluice.cli.terminal.RowsPassed;
import io.sluice.cli.terminal.Screen;
import io.sluice.cli.terminal.StatusLine;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.bundle.BundleReader;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.evaluate.BundleEvaluation;
import io.sluice.trainer.evaluate.BundleEvaluator;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what a bundle reaches on labelled rows that it was not trained on. */
@Command(
    name = "evaluate",
    description = {
      "Print what a bundle reaches on other labelled rows, answered as a server answers them,"
          + " beside what training measured on its dev rows.",
      "Rows are read as sluice train reads them; labels are those of the bundle."
    },
    footer = {"", "Example: sluice bundle evaluate sentiment.bundle --data test.jsonl"})
final class BundleEvaluate implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private RowOptions rows = new RowOptions();
  @Mixin private BackboneOption backbone = new BackboneOption();
  @Mixin private ThreadsOption threads = new ThreadsOption();

  @Parameters(paramLabel = "FILE", description = "The bundle.")
  private Path file = Path.of("");

  @Option(
      names = "--backbone-precision",
      paramLabel = "FORMAT",
      description =
          "Format the backbone computes with: FP32, INT8. Default: what the bundle was trained"
              + " through.")
  private @Nullable Precision precision;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Where each row's answer and truth go, a JSON line each.")
  private @Nullable Path output;

  @Option(names = "--json", description = "Print one JSON object, not tables.")
  private boolean json;

  @Override
  public Integer call() {
    rows.require();
    Path lines = output;
    if (lines != null) {
      rows.refuseOver("output", lines);
      Overwriting.refuse("output", lines, file.toString());
      Output.requireWritable("output", lines);
    }
    AdapterBundle bundle = BundleReader.read(file, BundleLimits.defaults());
    OnnxRuntime runtime = threads.runtime(SluiceCommand.process(spec));
    Precision format = precision == null ? bundle.manifest().precision() : precision;
    format.requireOn(runtime.settings().device());
    Backbone loaded = backbone.load(runtime);
    bundle.requireBackbone(loaded);
    Dataset asked = rows.read(rows.format(bundle.manifest()));
    BundleEvaluation found =
        StopAtStep.during(
            SluiceCommand.process(spec),
            () -> {
              BundleEvaluation all = evaluate(bundle, asked, loaded, runtime, format);
              if (lines != null) {
                EvaluationJson.write(bundle, all, lines);
              }
              return all;
            });
    Screen screen = Output.of(spec);
    if (json) {
      screen.line("%s", EvaluationJson.figures(bundle, found));
    } else {
      screen.line("bundle      %s", bundle.digest());
      EvaluationText.print(found, screen);
    }
    return 0;
  }

  private BundleEvaluation evaluate(
      AdapterBundle bundle, Dataset asked, Backbone loaded, OnnxRuntime runtime, Precision format) {
    Screen screen = Output.of(spec);
    try (StatusLine status = StatusLine.on(screen);
        BackboneSessions sessions =
            BackboneSessions.open(loaded, runtime, SessionSettings.defaults(), format)) {
      RowsPassed passed = new RowsPassed(screen, status);
      long startNanos = System.nanoTime();
      return new BundleEvaluator(sessions, runtime)
          .evaluate(
              bundle,
              asked,
              (done, all) -> passed.show("answer", done, all, System.nanoTime() - startNanos));
    }
  }
}
