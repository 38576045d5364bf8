package io.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.Pooling;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.trainer.checkpoint.Checkpoints;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.gate.Budget;
import io.sluice.trainer.model.AdaptedGraphs;
import io.sluice.trainer.model.BatchPlan;
import io.sluice.trainer.model.BottleneckSequential;
import io.sluice.trainer.model.LinearHead;
import io.sluice.trainer.model.ParameterLayout;
import io.sluice.trainer.model.SearchSpace;
import io.sluice.trainer.model.TrainingSession;
import io.sluice.trainer.task.RowLimits;
import io.sluice.trainer.task.Task;
import io.sluice.trainer.task.TaskRows;
import io.sluice.trainer.testing.TestingBackbone;
import io.sluice.trainer.testing.TestingData;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StepGradientTest {
  private static final long SEED = 5;

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = TestingBackbone.make();

  /** All rows in one batch are the oracle; the last of three batches has fewer rows. */
  @Test
  void compute_batchesThatAreAnEpoch_isTheGradientOfAllRowsAtOnce() {
    Dataset data = TestingData.rows(20, 1);
    LinearHead head = new LinearHead(Pooling.MEAN, 2);
    SearchSpace space = SearchSpace.of(List.of(1, 3), List.of(new BottleneckSequential(4)));
    AdaptedGraphs graphs = new AdaptedGraphs(runtime, backbone, head);
    ParameterLayout layout = graphs.layout(space.candidates());
    Random random = new Random(SEED);
    float[] values = new float[layout.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() / 2;
    }
    float[] gates = {0.7f, 0.4f};
    TaskRows rows;
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(backbone)) {
      Task task = Task.of(TaskKind.CLASSIFY, data, data);
      rows = task.encode(data, tokenizer, new RowLimits(32, null));
    }
    RunContext run = run(head, graphs, rows, space);
    try (TrainingSession session =
        new TrainingSession(
            runtime,
            graphs.training(space.candidates(), true),
            layout.size(),
            2,
            run.regularisation())) {
      StepGradient step = new StepGradient(run, session, layout.size(), 2);
      double loss = step.compute(0, values, gates);
      int[] all = IntStream.range(0, 20).toArray();
      double wanted = session.step(0, rows.rows(), all, values, gates);
      float[] gradients = new float[layout.size()];
      session.gradients(gradients);
      float[] gateGradients = new float[2];
      session.gateGradients(gateGradients);
      assertThat(loss).isCloseTo(wanted, within(1e-6));
      assertThat(step.gradients()).containsExactly(gradients, within(1e-6f));
      assertThat(step.gateGradients()).containsExactly(gateGradients, within(1e-6f));
      assertThat(Arrays.equals(gradients, new float[layout.size()])).isFalse();
    }
  }

  private RunContext run(LinearHead head, AdaptedGraphs graphs, TaskRows rows, SearchSpace space) {
    TrainSettings settings =
        TrainSettings.defaults().toBuilder()
            .optimizer(o -> o.batchSize(8).accumulation(3).clipNorm(1e9))
            .build();
    RunProgress progress = new RunProgress(ProgressListener.SILENT);
    return new RunContext(
        runtime,
        backbone,
        settings,
        head,
        graphs,
        rows.rows(),
        rows.rows(),
        rows.judge(),
        new BatchPlan(rows.rows().lengths(), 8, SEED),
        Schedule.ofSteps(20, 0.7),
        BudgetPlan.of(new Budget.Points(1), space, backbone),
        progress,
        new RunCheckpoints(Checkpoints.NONE, Map.of(), progress),
        List.of(),
        2);
  }
}
