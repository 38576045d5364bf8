package io.sluice.server;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.protobuf.Any;
import com.google.rpc.RetryInfo;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.server.engine.BatchingSettings;
import io.sluice.server.engine.EngineSettings;
import io.sluice.server.testing.Flood;
import io.sluice.server.testing.InferenceMethod;
import io.sluice.server.testing.Outcome;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.StatusTable;
import io.sluice.server.testing.TestingBackbone;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every cell of the first table in {@code docs/statuses.md}, over real channels. */
@Timeout(120)
class StatusesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int CLIENTS = 32;

  /** The columns of the table. */
  private static final List<InferenceMethod> METHODS = List.of(InferenceMethod.values());

  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = TestingBackbone.create();
  private static final ServedBundles bundles = new ServedBundles(backbone, runtime);

  private static RunningServer server;

  /** Has room for two rows. */
  private static RunningServer tight;

  /** Gives a request a millisecond. */
  private static RunningServer hasty;

  private static RunningServer draining;

  private final Map<String, Function<InferenceMethod, Outcome>> matters = matters();

  @BeforeAll
  static void start(@TempDir Path directory) {
    server = start(directory.resolve("server"), ServerSettings.defaults());
    BatchingSettings two =
        new BatchingSettings(64, 1, 2, Duration.ZERO, Duration.ZERO, Duration.ofSeconds(1));
    tight =
        start(
            directory.resolve("tight"),
            ServerSettings.defaults().withEngine(EngineSettings.defaults().withBatching(two)));
    hasty =
        start(
            directory.resolve("hasty"),
            ServerSettings.defaults().withRequestTimeout(Duration.ofMillis(1)));
    draining = start(directory.resolve("draining"), ServerSettings.defaults());
    draining.server().drain(Duration.ofSeconds(10));
  }

  @AfterAll
  static void drain_afterEverything_findsNothingLeftBehind() {
    for (RunningServer each : List.of(server, tight, hasty)) {
      assertThat(each.server().drain(Duration.ofSeconds(10))).isTrue();
    }
    List.of(server, tight, hasty, draining).parallelStream().forEach(RunningServer::close);
  }

  @TestFactory
  List<DynamicTest> statuses_everyCellOfTheTable_isWhatAClientSees() {
    List<DynamicTest> tests = new ArrayList<>();
    List<String> found = new ArrayList<>();
    for (List<String> row : StatusTable.rows("what is the matter")) {
      found.add(row.get(0));
      Function<InferenceMethod, Outcome> matter = requireNonNull(matters.get(row.get(0)));
      for (int column = 0; column < METHODS.size(); column++) {
        InferenceMethod method = METHODS.get(column);
        String cell = row.get(1 + column);
        if (!cell.equals("-")) {
          tests.add(
              dynamicTest(
                  row.get(0) + ": " + method,
                  () -> assertThat(matter.apply(method)).hasToString(cell)));
        }
      }
    }
    assertThat(found).containsExactlyElementsOf(matters.keySet());
    return tests;
  }

  private static Map<String, Function<InferenceMethod, Outcome>> matters() {
    Map<String, Function<InferenceMethod, Outcome>> matters = new LinkedHashMap<>();
    matters.put("unknown task, or none active", on -> on.ask(server, "nobody", "good"));
    matters.put("task of another kind", on -> on.ask(server, on.otherKind(), "good"));
    matters.put("empty text", on -> on.ask(server, on.task(), "  "));
    matters.put(
        "text of over 100,000 characters", on -> on.ask(server, on.task(), "a".repeat(100_001)));
    matters.put(
        "passage of over 512 windows", on -> on.ask(server, "spans", "good film ".repeat(9_000)));
    matters.put("two texts for a task that takes one", on -> on.askPair(server, on.task()));
    matters.put("no task, no row, or too many", on -> on.askNothing(server));
    matters.put("message of over 4 MiB", on -> on.ask(server, on.task(), "a".repeat(5 << 20)));
    matters.put("queue full", StatusesTest::refusedByAFullQueue);
    matters.put("deadline of the client passed", on -> on.askInVain(server));
    matters.put(
        "time limit of the server passed",
        on -> underFlood(hasty, "DEADLINE_EXCEEDED", () -> on.ask(hasty, on.task(), "good")));
    matters.put("cancelled by the client", on -> on.askAndCancel(server));
    matters.put("server drains", on -> on.ask(draining, on.task(), "good"));
    return matters;
  }

  private static Outcome refusedByAFullQueue(InferenceMethod on) {
    // The two places of the queue are taken by two tasks, so that a third has no right to one.
    Flood other = new Flood(tight, "more", CLIENTS);
    Outcome refused;
    try {
      refused = underFlood(tight, "RESOURCE_EXHAUSTED", () -> on.ask(tight, on.task(), "good"));
    } finally {
      other.close();
    }
    assertThat(refused.details()).hasSize(1);
    Any detail = refused.details().get(0);
    assertThat(detail.is(RetryInfo.class)).isTrue();
    return refused;
  }

  /** Asks until the flood has its effect. */
  private static Outcome underFlood(RunningServer on, String code, Supplier<Outcome> ask) {
    long endNanos = System.nanoTime() + PATIENCE.toNanos();
    Flood flood = new Flood(on, "labels", CLIENTS);
    try {
      Outcome outcome;
      do {
        outcome = ask.get();
      } while (!outcome.toString().startsWith(code) && System.nanoTime() < endNanos);
      return outcome;
    } finally {
      flood.close();
    }
  }

  private static RunningServer start(Path store, ServerSettings settings) {
    RunningServer started = new RunningServer(store, backbone, settings, runtime);
    started.activate("labels", bundles.bundle(1, 1));
    started.activate("more", bundles.bundle(2, 3));
    started.activate(
        "spans",
        bundles.proven(
            bundles
                .builder()
                .kind(TaskKind.ANSWER_SPAN)
                .textFields("question", "passage")
                .adaptAt(2, 4)));
    return started;
  }
}
