package io.sluice.cli.command.bundle;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.backbone.runtime.SessionSettings;
import io.sluice.cli.command.option.BackboneOption;
import io.sluice.cli.command.option.CommandProcess;
import io.sluice.cli.command.option.Output;
import io.sluice.cli.command.option.Overwriting;
import io.sluice.cli.command.option.RowOptions;
import io.sluice.cli.command.option.StopAtStep;
import io.sluice.cli.command.option.ThreadsOption;
import io.sluice.cli.evaluation.EvaluationJson;
import io.sluice.cli.evaluation.EvaluationLines;
import io.sluice.cli.evaluation.EvaluationText;
import io.sluice.cli.terminal.RowsPassed;
import io.sluice.cli.terminal.Screen;
import io.sluice.cli.terminal.StatusLine;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.bundle.BundleReader;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.data.LabelledRows;
import io.sluice.trainer.evaluate.BundleEvaluation;
import io.sluice.trainer.evaluate.BundleEvaluator;
import io.sluice.trainer.task.Reply;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
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
    OnnxRuntime runtime = threads.runtime(CommandProcess.of(spec));
    Precision format = precision == null ? bundle.manifest().precision() : precision;
    format.requireOn(runtime.settings().device());
    Backbone loaded = backbone.load(runtime);
    bundle.requireBackbone(loaded);
    LabelledRows asked = rows.readInParts(rows.format(bundle.manifest()));
    Work work = new Work(bundle, asked, loaded, runtime, format);
    BundleEvaluation found =
        StopAtStep.during(
            CommandProcess.of(spec),
            () -> {
              if (lines == null) {
                return evaluate(work, null);
              }
              AtomicReference<BundleEvaluation> all = new AtomicReference<>();
              EvaluationLines.write(bundle, lines, written -> all.set(evaluate(work, written)));
              return requireNonNull(all.get(), "evaluation");
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

  /** What is asked, and what answers. */
  private record Work(
      AdapterBundle bundle,
      LabelledRows asked,
      Backbone loaded,
      OnnxRuntime runtime,
      Precision format) {}

  private BundleEvaluation evaluate(Work work, @Nullable EvaluationLines lines) {
    Screen screen = Output.of(spec);
    try (StatusLine status = StatusLine.on(screen);
        BackboneSessions sessions =
            BackboneSessions.open(
                work.loaded, work.runtime, SessionSettings.defaults(), work.format)) {
      RowsPassed passed = new RowsPassed(screen, status);
      long startNanos = System.nanoTime();
      return new BundleEvaluator(sessions, work.runtime)
          .evaluate(
              work.bundle,
              work.asked,
              new BundleEvaluator.Listener() {
                @Override
                public void answered(int rows, int all) {
                  passed.show("answer", rows, all, System.nanoTime() - startNanos);
                }

                @Override
                public void replied(Dataset rows, List<Reply> replies) {
                  if (lines != null) {
                    lines.add(rows, replies);
                  }
                }
              });
    }
  }
}
