package io.sluice.cli.command.bench;

import io.sluice.cli.command.option.Input;
import io.sluice.loadtest.Bed;
import io.sluice.loadtest.Progress;
import io.sluice.loadtest.bundle.TaskFamily;
import io.sluice.loadtest.multi.MultiBenchmark;
import io.sluice.loadtest.multi.MultiFound;
import io.sluice.loadtest.multi.MultiReport;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Several tasks over one text. */
@Command(
    name = "multi",
    description = {
      "Put one text to several tasks whose adapters lie in the upper half of the encoder: in one",
      "request, against one task alone and against a request for each."
    })
final class BenchMulti implements Callable<Integer> {
  private static final int RANK = 16;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private BenchOptions options = new BenchOptions();

  @Option(
      names = "--tasks",
      defaultValue = "8",
      description = "Tasks of a request, to 64. Default: ${DEFAULT-VALUE}.")
  private int tasks;

  @Option(
      names = "--points",
      paramLabel = "N",
      description = {
        "Adapters of a task, at the highest points. Default: all of the upper half, and in a third",
        "of the rounds also those of the upper quarter and of the last sixth."
      })
  private @Nullable Integer points;

  @Option(
      names = "--texts",
      defaultValue = "40",
      description = "Texts of a round. Default: ${DEFAULT-VALUE}.")
  private int texts;

  @Option(
      names = "--repeats",
      defaultValue = "9",
      description = "Rounds. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Override
  public Integer call() throws Exception {
    BenchValues.require(spec);
    try (BenchBed open = BenchBed.start(options, spec, List.of())) {
      Bed bed = open.bed();
      MultiFound found = run(bed, family(bed), rounds, open.progress());
      List<MultiFound> higher = new ArrayList<>();
      for (int count :
          points == null ? fewer(bed.sessions().backbone().points()) : List.<Integer>of()) {
        TaskFamily family =
            TaskFamily.atTop(bed.sessions(), bed.runtime(), count, RANK, bed.seed());
        higher.add(run(bed, family, Math.max(1, rounds / 3), open.progress()));
      }
      boolean rounds = options.device().isCuda();
      return options.deliver(MultiReport.of(bed, found, higher, rounds), open.screen());
    }
  }

  private MultiFound run(Bed bed, TaskFamily family, int times, Progress progress) {
    return new MultiBenchmark(bed, family, bed.texts(options.tokens()))
        .run(tasks, times, texts, progress);
  }

  /** Adapters of the upper quarter and of the last sixth, where those are fewer than the half. */
  private static List<Integer> fewer(int points) {
    return Stream.of(points / 4, points / 6).filter(count -> count > 0).distinct().toList();
  }

  private TaskFamily family(Bed bed) {
    Integer given = points;
    return given == null
        ? TaskFamily.upperHalf(bed.sessions(), bed.runtime(), bed.seed())
        : Input.checked(
            () -> TaskFamily.atTop(bed.sessions(), bed.runtime(), given, RANK, bed.seed()));
  }
}
