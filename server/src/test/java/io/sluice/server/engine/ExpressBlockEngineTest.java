package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.precision.Precision;
import io.sluice.server.testing.TestingExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The same expectations where every leg has its session from its second use on, and what holds for
 * the sessions themselves.
 */
class ExpressBlockEngineTest extends BlockEngineTest {
  private static final long ENOUGH_BYTES = 64 << 20;
  private static final int THREADS = 2;

  /** Of a leg: for several threads and for one. */
  private static final int SESSIONS = 2;

  private final TestingExecutor work = new TestingExecutor();

  @Override
  ExpressSessions express() {
    return express(ENOUGH_BYTES, 1);
  }

  private ExpressSessions express(long maxBytes, int firstUses) {
    return new ExpressSessions(
        backbone, Precision.FP32, shared, THREADS, maxBytes, firstUses, false, work, () -> 0);
  }

  @Test
  void run_ofManyTasksWhereEachIsToBeOneRun_isOneRunATask() {
    express.close();
    express =
        new ExpressSessions(
            backbone, Precision.FP32, shared, THREADS, ENOUGH_BYTES, 16, true, work, () -> 0);
    engine.close();
    engine = engine();
    List<Tokens> texts = texts(new Random(6), 3);
    List<Row> rows = new ArrayList<>();
    for (int seed = 1; seed <= 3; seed++) {
      rows.addAll(rows(load("task" + seed, bundles.bundle(seed, 2, 3)), texts));
    }
    rows.addAll(rows(load("other", bundles.bundle(4, 1)), texts));
    engine.run(rows, true);
    requireOracle(rows, "each as one");
    assertThat(express.stats().runs()).isEqualTo(4);
    assertThat(express.stats().sessions()).isEqualTo(2);
  }

  @Test
  void run_oneTaskAgain_isOneSessionAndTheSameAnswer() {
    LoadedTask task = load("task", bundles.bundle(1, 2, 3));
    List<Tokens> texts = texts(new Random(5), 4);
    List<Row> apart = rows(task, texts);
    engine.run(apart, true);
    assertThat(express.stats().runs()).isZero();

    List<Row> together = rows(task, texts);
    engine.run(together, true);

    assertThat(express.stats().runs()).isEqualTo(1);
    requireOracle(apart, "block by block");
    requireOracle(together, "as one");
    assertThat(result(together.get(0)).layersRun()).isEqualTo(backbone.points());
  }

  @Test
  void run_besideOthers_givesTheSameAsAlone() {
    LoadedTask task = load("task", bundles.bundle(1, 2, 3));
    List<Tokens> texts = texts(new Random(5), 4);
    engine.run(rows(task, texts), true);

    List<Row> alone = rows(task, texts);
    engine.run(alone, true);
    List<Row> beside = rows(task, texts);
    engine.run(beside, false);

    assertThat(express.stats().runs()).isEqualTo(2);
    requireOracle(alone, "by several threads");
    requireOracle(beside, "by one thread");
  }

  @Test
  void run_otherTaskOfTheSameStructure_usesTheSameSession() {
    List<Tokens> texts = texts(new Random(5), 2);
    for (int seed = 1; seed < 4; seed++) {
      LoadedTask task = load("task" + seed, bundles.bundle(seed, 2, 3));
      List<Row> rows = rows(task, texts);
      engine.run(rows, true);
      requireOracle(rows, "seed " + seed);
    }
    // The spans of the first batch, and the whole way.
    assertThat(express.stats().runs()).isEqualTo(2);
  }

  @Test
  void run_whileASessionIsBeingMade_goesBlockByBlock() {
    work.hold();
    LoadedTask task = load("task", bundles.bundle(1, 2));
    List<Tokens> texts = texts(new Random(6), 2);
    for (int i = 0; i < 3; i++) {
      List<Row> rows = rows(task, texts);
      engine.run(rows, true);
      requireOracle(rows, "before");
    }
    assertThat(express.stats().runs()).isZero();
    assertThat(express.stats().compiled()).isZero();

    work.release();
    List<Row> rows = rows(task, texts);
    engine.run(rows, true);

    requireOracle(rows, "after");
    assertThat(express.stats().runs()).isEqualTo(1);
  }

  @Test
  void run_adapterThatFails_failsBlockByBlockAndIsNotJoinedAgain() {
    LoadedTask broken =
        load("broken", bundles.builder().seed(7).adaptAt(1, "late", 0, readsToken20()).build());
    List<Tokens> texts = texts(new Random(4), 2);
    for (int run = 0; run < 4; run++) {
      List<Row> rows = rows(broken, texts);
      engine.run(rows, true);
      rows.forEach(row -> assertThat(failure(row)).isEqualTo(ErrorCode.INTERNAL));
    }
    assertThat(express.stats().failed()).isEqualTo(1);
    assertThat(express.stats().runs()).isEqualTo(1);
  }

  @Test
  void acquire_fewUses_makesNone() {
    express.close();
    express = express(ENOUGH_BYTES, 3);
    for (int use = 0; use < 2; use++) {
      assertThat(express.acquire(Leg.span(1, 2))).isNull();
      assertThat(express.acquire(Leg.span(2, 3))).isNull();
    }
    assertThat(express.stats().compiled()).isZero();
    assertThat(express.acquire(Leg.span(1, 2))).isNull();
    assertThat(express.stats().compiled()).isEqualTo(1);
  }

  @Test
  void acquire_moreLegsThanFit_staysWithinItsBytesAndClosesTheRest() {
    express.close();
    int before = runtime.openHandles();
    long room = 1_500_000;
    express = express(room, 1);
    for (int round = 0; round < 50; round++) {
      for (int from = 1; from <= 3; from++) {
        CompiledGraph session = express.acquire(Leg.span(from, from + 1));
        if (session != null) {
          session.release();
        }
        assertThat(express.stats().sizeBytes()).isLessThanOrEqualTo(room);
        assertThat((long) runtime.openHandles() - before)
            .isEqualTo(SESSIONS * express.stats().sessions());
      }
    }
    assertThat(express.stats().compiled()).isPositive();
    assertThat(express.stats().runs()).isPositive();
  }

  @Test
  void acquire_noBytes_makesNone() {
    express.close();
    express = express(0, 1);
    for (int use = 0; use < 5; use++) {
      assertThat(express.acquire(Leg.span(1, 2))).isNull();
    }
    assertThat(express.stats()).isEqualTo(new ExpressStats(0, 0, 0, 0, 0));
  }

  @Test
  void acquire_legOfMoreThanAllBytes_isTriedOnce() {
    express.close();
    express = express(1024, 1);
    for (int use = 0; use < 5; use++) {
      assertThat(express.acquire(Leg.span(1, 4))).isNull();
    }
    assertThat(express.stats()).isEqualTo(new ExpressStats(0, 0, 0, 0, 0));
  }

  @Test
  void close_sessionInUse_isClosedAfterIt() {
    assertThat(express.acquire(Leg.span(1, 2))).isNull();
    int before = runtime.openHandles();
    CompiledGraph session = requireNonNull(express.acquire(Leg.span(1, 2)));
    express.close();
    assertThat(runtime.openHandles()).isEqualTo(before);
    session.release();
    assertThat(runtime.openHandles()).isEqualTo(before - SESSIONS);
  }

  @Test
  void distrust_leg_isNotRunAsOneAgain() {
    Leg leg = Leg.span(1, 2);
    assertThat(express.acquire(leg)).isNull();
    CompiledGraph session = requireNonNull(express.acquire(leg));
    session.release();
    express.distrust(leg, new IllegalStateException("made up for the test"));
    for (int use = 0; use < 40; use++) {
      assertThat(express.acquire(leg)).isNull();
    }
  }

  private static List<Row> rows(LoadedTask task, List<Tokens> texts) {
    return texts.stream().map(text -> row(task, text)).toList();
  }
}
