package io.sluice.backbone.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.graph.DataType;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.GraphBuilder;
import io.sluice.backbone.graph.OnnxFormat;
import io.sluice.backbone.graph.TensorData;
import io.sluice.backbone.graph.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxSessionTest {
  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private int handlesBefore;

  @BeforeEach
  void count() {
    handlesBefore = runtime.openHandles();
  }

  @AfterEach
  void leavesNothingOpen() {
    assertThat(runtime.openHandles()).isEqualTo(handlesBefore);
  }

  private OnnxSession affine() {
    return runtime.open(Models.affine(), SessionSettings.defaults());
  }

  private static float[] values(FloatBuffer buffer) {
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }

  @Test
  void open_declaresWhatTheGraphDeclares() {
    try (OnnxSession session = affine()) {
      assertThat(session.inputs()).isEqualTo(Models.affine().inputs());
      assertThat(session.outputs()).isEqualTo(Models.affine().outputs());
    }
  }

  @Test
  void run_wantedOutputs_areComputed() {
    try (OnnxSession session = affine();
        HostTensor x = HostTensor.floats(runtime, Models.ramp(6), 2, 3);
        Results results = session.run(Map.of("x", x), List.of("sum", "y"))) {
      assertThat(results.names()).containsExactlyInAnyOrder("sum", "y");
      assertThat(results.shape("y")).containsExactly(2, 3);
      assertThat(values(results.floats("y"))).containsExactly(1, 3, 5, 7, 9, 11);
      assertThat(results.get("sum")).isEqualTo(TensorData.floats(new float[] {9, 27}, 2));
      assertThatThrownBy(() -> results.get("z"))
          .hasMessageStartingWith("output: z (expected: one of");
    }
  }

  @Test
  void results_afterClose_keepCopiesAndRefuseTheRest() {
    try (OnnxSession session = affine();
        HostTensor x = HostTensor.floats(runtime, Models.ramp(3), 1, 3)) {
      Results results = session.run(Map.of("x", x), List.of("y"));
      TensorData copy = results.get("y");
      results.close();
      results.close();

      assertThat(copy.toFloats()).containsExactly(1, 3, 5);
      assertThatThrownBy(() -> results.get("y")).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void run_pinnedOutputs_areWrittenInPlace() {
    FloatBuffer memory = DirectBuffers.floats(6);
    try (OnnxSession session = affine();
        HostTensor x = HostTensor.floats(runtime, Models.ramp(6), 2, 3);
        HostTensor y = HostTensor.floats(runtime, memory, 2, 3)) {
      session.run(Map.of("x", x), Map.of("y", y));
      assertThat(values(memory.duplicate())).containsExactly(1, 3, 5, 7, 9, 11);

      x.floats().put(0, 100f);
      session.run(Map.of("x", x), Map.of("y", y));
      assertThat(memory.get(0)).isEqualTo(201f);
    }
  }

  @Test
  void run_slicesOfOneBuffer_touchOnlyTheirRows() {
    FloatBuffer in = DirectBuffers.floats(12).put(Models.ramp(12)).flip();
    FloatBuffer out = DirectBuffers.floats(12);
    in.position(3).limit(9);
    out.position(3).limit(9);
    try (OnnxSession session = affine();
        HostTensor x = HostTensor.floats(runtime, in, 2, 3);
        HostTensor y = HostTensor.floats(runtime, out, 2, 3)) {
      session.run(Map.of("x", x), Map.of("y", y));
    }
    assertThat(values(out.clear())).containsExactly(0, 0, 0, 7, 9, 11, 13, 15, 17, 0, 0, 0);
  }

  @Test
  void run_outputOverItsOwnInput_givesTheSameForElementwiseGraphs() {
    FloatBuffer rows = DirectBuffers.floats(6).put(Models.ramp(6)).flip();
    try (OnnxSession session = affine();
        HostTensor x = HostTensor.floats(runtime, rows, 2, 3)) {
      session.run(Map.of("x", x), Map.of("y", x));
    }
    assertThat(values(rows.duplicate())).containsExactly(1, 3, 5, 7, 9, 11);
  }

  @Test
  void run_wrongTensors_areRefusedByName() {
    try (OnnxSession session = affine();
        HostTensor x = HostTensor.floats(runtime, Models.ramp(6), 2, 3);
        HostTensor wide = HostTensor.floats(runtime, Models.ramp(8), 2, 4);
        HostTensor flat = HostTensor.floats(runtime, Models.ramp(3), 3);
        HostTensor ids = HostTensor.longs(runtime, new long[] {1, 2, 3}, 1, 3)) {
      refused(
          () -> session.run(Map.of("x", wide), List.of("y")),
          "x: shape (2, 4) (expected: (batch, 3))");
      refused(
          () -> session.run(Map.of("x", flat), List.of("y")),
          "x: shape (3) (expected: (batch, 3))");
      refused(() -> session.run(Map.of("x", ids), List.of("y")), "x: type INT64 (expected: FLOAT)");
      refused(
          () -> session.run(Map.of("x", x), Map.of("y", wide)),
          "y: shape (2, 4) (expected: (batch, 3))");
      refused(
          () -> session.run(Map.of("x", x, "z", x), List.of("y")),
          "input: z (expected: one of [x])");
      refused(() -> session.run(Map.of(), List.of("y")), "inputs: without [x]");
      refused(
          () -> session.run(Map.of("x", x), List.of("q")), "output: q (expected: one of [y, sum])");
      refused(() -> session.run(Map.of("x", x), List.of()), "wanted: none");
      refused(() -> session.run(Map.of("x", x), Map.of()), "outputs: none");
      try (HostTensor fixed =
          HostTensor.floats(runtime, DirectBuffers.floats(6).asReadOnlyBuffer(), 2, 3)) {
        refused(() -> session.run(Map.of("x", x), Map.of("y", fixed)), "y: read-only memory");
        session.run(Map.of("x", fixed), List.of("y")).close();
      }
    }
  }

  @Test
  void run_pinnedOutputOfAnotherBatch_isRefusedAndNothingBreaks() {
    try (OnnxSession session = affine();
        HostTensor x = HostTensor.floats(runtime, Models.ramp(6), 2, 3);
        HostTensor three = HostTensor.floats(runtime, Models.ramp(9), 3, 3);
        HostTensor two = HostTensor.floats(runtime, Models.ramp(6), 2, 3)) {
      assertThatThrownBy(() -> session.run(Map.of("x", x), Map.of("y", three)))
          .isInstanceOf(SluiceException.class);
      session.run(Map.of("x", x), Map.of("y", two));
      assertThat(two.floats().get(5)).isEqualTo(11f);
    }
  }

  private static void refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void run_indexOutOfRange_isTheCallersFault() {
    GraphBuilder b = new GraphBuilder("gather", 18);
    String ids = b.input("ids", DataType.INT64, "n");
    String table = b.initializer("table", TensorData.floats(Models.ramp(4), 2, 2));
    b.outputAs(b.node("Gather", table, ids), Value.of("rows", DataType.FLOAT, "n", 2));
    try (OnnxSession session = runtime.open(b.build(), SessionSettings.defaults());
        HostTensor good = HostTensor.longs(runtime, new long[] {1}, 1);
        HostTensor bad = HostTensor.longs(runtime, new long[] {7}, 1)) {
      assertThatThrownBy(() -> session.run(Map.of("ids", bad), List.of("rows")))
          .isInstanceOfSatisfying(
              SluiceException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
      try (Results results = session.run(Map.of("ids", good), List.of("rows"))) {
        assertThat(results.get("rows").toFloats()).containsExactly(2, 3);
      }
    }
  }

  @Test
  void run_closedSessionOrTensor_isRefused() {
    OnnxSession session = affine();
    HostTensor x = HostTensor.floats(runtime, Models.ramp(3), 1, 3);
    x.close();
    x.close();
    assertThatThrownBy(() -> session.run(Map.of("x", x), List.of("y")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("tensor FLOAT (1, 3): closed (expected: open)");
    session.close();
    session.close();
    try (HostTensor open = HostTensor.floats(runtime, Models.ramp(3), 1, 3)) {
      assertThatThrownBy(() -> session.run(Map.of("x", open), List.of("y")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("session: closed (expected: open)");
    }
  }

  @Test
  void run_manyThreads_eachGetsItsOwnResult() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (OnnxSession session = affine()) {
      List<Callable<Boolean>> calls = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        int rows = t + 1;
        calls.add(() -> runRepeatedly(session, rows));
      }
      for (Future<Boolean> call : threads.invokeAll(calls)) {
        assertThat(call.get()).isTrue();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private boolean runRepeatedly(OnnxSession session, int rows) {
    try (HostTensor x = HostTensor.floats(runtime, new float[3 * rows], rows, 3);
        HostTensor y = HostTensor.floats(runtime, DirectBuffers.floats(3L * rows), rows, 3)) {
      for (int i = 0; i < 500; i++) {
        x.floats().put(3 * rows - 1, i);
        session.run(Map.of("x", x), Map.of("y", y));
        if (y.floats().get(3 * rows - 1) != 2f * i + 1) {
          return false;
        }
      }
      return true;
    }
  }

  @Test
  void close_duringRuns_letsThemFinish() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      for (int round = 0; round < 30; round++) {
        OnnxSession session = runtime.open(Models.heavy(20), SessionSettings.defaults());
        List<Future<Integer>> runs = new ArrayList<>();
        for (int t = 0; t < 2; t++) {
          runs.add(threads.submit(() -> runUntilClosed(session)));
        }
        try (HostTensor x = HostTensor.floats(runtime, new float[64 * 64], 64, 64)) {
          session.run(Map.of("x", x), List.of("y")).close();
        }
        session.close();
        for (Future<Integer> run : runs) {
          assertThat(run.get()).isNotNegative();
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private int runUntilClosed(OnnxSession session) {
    try (HostTensor x = HostTensor.floats(runtime, new float[64 * 64], 64, 64)) {
      for (int count = 0; ; count++) {
        try {
          session.run(Map.of("x", x), List.of("y")).close();
        } catch (IllegalStateException closed) {
          return count;
        }
      }
    }
  }

  @Test
  void hostTensor_wrongMemory_isRefused() {
    assertThatThrownBy(() -> HostTensor.floats(runtime, FloatBuffer.allocate(2), 2))
        .hasMessageContaining("buffer: on the heap");
    assertThatThrownBy(() -> HostTensor.floats(runtime, DirectBuffers.floats(5), 2, 3))
        .hasMessage("buffer: 5 elements (expected: 6 for shape (2, 3))");
    assertThatThrownBy(() -> HostTensor.floats(runtime, DirectBuffers.floats(1), -1))
        .hasMessageContaining("shape: (-1)");
    FloatBuffer swapped = ByteBuffer.allocateDirect(8).order(ByteOrder.BIG_ENDIAN).asFloatBuffer();
    assertThatThrownBy(() -> HostTensor.floats(runtime, swapped, 2))
        .hasMessageStartingWith("buffer: BIG_ENDIAN (expected: LITTLE_ENDIAN");
    assertThatThrownBy(() -> DirectBuffers.floats(1L << 33))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void hostTensor_everyFeedableType_roundTripsThroughIdentity() {
    for (DataType type : DataType.values()) {
      if (List.of(DataType.STRING, DataType.UINT16, DataType.UINT32, DataType.UINT64)
          .contains(type)) {
        continue;
      }
      Value x = Value.of("x", type, "n");
      GraphBuilder b = new GraphBuilder("same", 18);
      b.input(x);
      b.outputAs("x", x.named("y"));
      byte[] bytes = new byte[2 * type.sizeBytes()];
      Arrays.fill(bytes, (byte) 1);
      TensorData data = TensorData.bytes(type, ByteBuffer.wrap(bytes), 2);
      try (OnnxSession session = runtime.open(b.build(), SessionSettings.defaults());
          HostTensor tensor = HostTensor.of(runtime, data);
          Results results = session.run(Map.of("x", tensor), List.of("y"))) {
        assertThat(tensor.toData()).isEqualTo(data);
        assertThat(results.get("y")).isEqualTo(data);
      }
    }
    assertThatThrownBy(
            () ->
                HostTensor.of(
                    runtime, TensorData.bytes(DataType.UINT32, ByteBuffer.allocate(4), 1)))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("UINT32");
  }

  @Test
  void run_emptyBatch_givesAnEmptyResult() {
    try (OnnxSession session = affine();
        HostTensor x = HostTensor.floats(runtime, DirectBuffers.floats(0), 0, 3);
        Results results = session.run(Map.of("x", x), List.of("y"))) {
      assertThat(results.shape("y")).containsExactly(0, 3);
      assertThat(results.get("y").elements()).isZero();
    }
  }

  @Test
  void open_optimizedModelPath_writesACleanedModel(@TempDir Path folder) {
    GraphBuilder b = new GraphBuilder("foldable", 18);
    String x = b.input("x", DataType.FLOAT, "n");
    String two = b.node("Add", b.constant(1f), b.constant(TensorData.scalar(1f)));
    b.outputAs(b.node("Mul", x, two), Value.of("y", DataType.FLOAT, "n"));
    Path file = folder.resolve("clean.onnx");
    SessionSettings settings =
        SessionSettings.defaults()
            .withLevel(SessionSettings.Optimization.BASIC)
            .withOptimizedModelPath(file);

    runtime.open(b.build(), settings).close();

    Graph clean = OnnxFormat.read(file);
    assertThat(clean.nodes()).hasSize(1);
    assertThat(clean.inputs()).isEqualTo(b.build().inputs());
  }

  @Test
  void open_configEntries_reachTheRuntime() {
    SessionSettings settings =
        SessionSettings.defaults().withConfigEntry("session.disable_prepacking", "1");
    try (OnnxSession session = runtime.open(Models.affine(), settings.withMemoryPattern(false))) {
      assertThat(session.inputs()).hasSize(1);
    }
    assertThat(settings.configEntries())
        .containsExactly(Map.entry("session.disable_prepacking", "1"));
  }

  @Test
  void open_wrongModel_isRefusedWithTheReason(@TempDir Path folder) {
    assertThatThrownBy(() -> runtime.open(new byte[] {1, 2, 3}, SessionSettings.defaults()))
        .isInstanceOfSatisfying(
            SluiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
    GraphBuilder b = new GraphBuilder("odd", 18);
    b.input("x", DataType.FLOAT, "n");
    b.outputAs(b.node("NoSuchOperator", "x"), Value.of("y", DataType.FLOAT, "n"));
    assertThatThrownBy(() -> runtime.open(b.build(), SessionSettings.defaults()))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("NoSuchOperator");
    assertThatThrownBy(() -> runtime.open(folder.resolve("none.onnx"), SessionSettings.defaults()))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("none.onnx");
  }

  @Test
  void start_otherSettings_isRefused() {
    RuntimeSettings running = runtime.settings();
    RuntimeSettings other = new RuntimeSettings(running.threads() + 1);

    assertThat(OnnxRuntime.start(running)).isSameAs(runtime);
    assertThatThrownBy(() -> OnnxRuntime.start(other))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("expected: " + running);
    assertThatThrownBy(() -> new RuntimeSettings(0)).hasMessage("threads: 0 (expected: >= 1)");
    assertThat(runtime.version()).startsWith("1.");
  }
}
