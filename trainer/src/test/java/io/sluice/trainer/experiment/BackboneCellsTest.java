package io.sluice.trainer.experiment;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.bundle.BundleReader;
import io.sluice.trainer.Method;
import io.sluice.trainer.TrainSettings;
import io.sluice.trainer.data.Split;
import io.sluice.trainer.experiment.summary.ExperimentReport;
import io.sluice.trainer.gate.Budget;
import io.sluice.trainer.testing.TestingBackbone;
import io.sluice.trainer.testing.TestingData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small experiment that really trains, from plans to the files of its report. */
class BackboneCellsTest {
  @TempDir Path directory;

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = TestingBackbone.make();

  @Test
  void run_smallExperiment_resultsAndReportAreWhole() throws Exception {
    ExperimentFolder folder = ExperimentFolder.create(directory.resolve("experiment"));
    Suite suite =
        new Suite(
            "small",
            "A small experiment",
            List.of("groups"),
            List.of("full", "head-only", "learned"),
            List.of(1L, 2L),
            List.of(new Claim("learned", "full", 50.0), new Claim("learned", "head-only", null)),
            Suite.Chart.COST);
    folder.save(suite);
    List<CellPlan> plans = new ArrayList<>();
    for (Cell cell : suite.cells()) {
      plans.add(new CellPlan(cell, settings(cell), cell.variant().equals("full"), 1));
    }
    Map<String, Split> rows =
        Map.of("groups", new Split(TestingData.rows(160, 1), TestingData.rows(60, 2)));
    BackboneCells cells =
        new BackboneCells(runtime, backbone, rows, new BackboneCells.Keep(true, 2));
    int handles = runtime.openHandles();
    new ExperimentRun(cells, folder, new ExperimentListener() {}, Clock.systemUTC()).run(plans, 2);
    assertThat(runtime.openHandles()).isEqualTo(handles);
    for (Cell cell : suite.cells()) {
      assertThat(folder.failure(cell)).isNull();
      CellResult result = requireNonNull(folder.result(cell), cell.toString());
      assertThat(result.time().steps()).isEqualTo(30);
      assertThat(result.time().seconds()).isPositive();
      assertThat(result.time().examplesPerSecond()).isPositive();
      assertThat(result.time().phases().values())
          .allMatch(phase -> phase.seconds() <= result.time().seconds());
      assertThat(folder.folder(cell).resolve("checkpoints")).doesNotExist();
      assertThat(result.settings()).containsEntry("method", result.method());
    }
    CellResult full = folder.results(suite.cells()).get(0);
    assertThat(full.method()).isEqualTo("full");
    assertThat(full.structure()).isNull();
    assertThat(full.size().share()).isGreaterThan(0.9);
    CellResult learned = folder.results(suite.cells()).get(4);
    assertThat(learned.method()).isEqualTo("learned");
    Path bundle = folder.folder(learned.cell()).resolve("task.bundle");
    assertThat(BundleReader.read(bundle, BundleLimits.defaults()).manifest().structure())
        .hasSameSizeAs(requireNonNull(learned.structure(), "structure").survivors());

    List<Path> written = ExperimentReport.of(folder).write(folder);
    assertThat(written).allMatch(Files::isRegularFile);
    assertThat(Files.readAllLines(written.get(0))).hasSize(7);
    assertThat(Files.readString(written.get(1)))
        .contains("| learned | ", "6 of 6 cells", "learned is within 50.0 of full");
    var svg =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(folder.path().resolve("small.svg").toFile());
    assertThat(svg.getElementsByTagName("circle").getLength()).isPositive();
  }

  private static TrainSettings settings(Cell cell) {
    Method method = cell.variant().equals("head-only") ? Method.HEAD_ONLY : Method.LEARNED;
    return TrainSettings.defaults().toBuilder()
        .seed(cell.seed())
        .budget(new Budget.Points(2))
        .search(search -> search.ranks(Set.of(4)).method(method))
        .task(task -> task.maxTokens(32))
        .schedule(schedule -> schedule.steps(30).patience(100))
        .optimizer(optimizer -> optimizer.learningRate(0.02))
        .build();
  }
}
