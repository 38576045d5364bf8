package io.sluice.registry.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.sluice.backbone.Digest;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.bundle.BundleSigner;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.registry.testing.TestingBundles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tasks, revisions, activation, and what the disk may look like when a store opens. */
class BundleStoreTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00.123Z");
  private static final AdapterBundle A = bundle(1);
  private static final AdapterBundle B = bundle(2);
  private static final AdapterBundle C = bundle(3);

  @TempDir Path directory;
  private BundleStore store;

  @BeforeEach
  void open() {
    store = BundleStore.open(directory, BundleLimits.defaults(), InstantSource.fixed(NOON));
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void open_linkToAFolder_isTheStoreInIt(@TempDir Path other) throws IOException {
    store.register("sentiment", A);
    store.close();
    Path link = Files.createSymbolicLink(other.resolve("store"), directory);

    try (BundleStore linked =
        BundleStore.open(link, BundleLimits.defaults(), InstantSource.fixed(NOON))) {
      assertThat(linked.load(A.digest()).bytes()).isEqualTo(A.bytes());
    }
  }

  @Test
  void register_newTask_isRevisionOneAndNotActive() {
    Registered registered = store.register("sentiment", A);

    assertThat(registered.added()).isTrue();
    assertThat(registered.revision())
        .isEqualTo(new Revision(1, A.digest(), A.sizeBytes(), NOON, false));
    assertThat(registered.task())
        .isEqualTo(
            new TaskState(
                "sentiment",
                TaskKind.CLASSIFY,
                1,
                null,
                List.of(registered.revision()),
                List.of()));
    assertThat(store.load(A.digest()).bytes()).isEqualTo(A.bytes());
  }

  @Test
  void register_sameBundleTwice_changesNothing() {
    TaskState first = store.register("sentiment", A).task();
    Registered second = store.register("sentiment", A);
    assertThat(second.added()).isFalse();
    assertThat(second.task()).isEqualTo(first);
  }

  @Test
  void register_secondBundle_countsRevisionsAndVersions() {
    store.register("sentiment", A);
    TaskState state = store.register("sentiment", B).task();
    assertThat(state.version()).isEqualTo(2);
    assertThat(state.revisions()).extracting(Revision::number).containsExactly(1, 2);
    assertThat(state.revision(2)).isEqualTo(state.revision(B.digest()));
  }

  @Test
  void register_sameBundleForTwoTasks_keepsOneFile() throws IOException {
    store.register("one", A);
    store.register("two", A);
    assertThat(store.tasks()).extracting(TaskState::name).containsExactly("one", "two");
    assertThat(blobs()).hasSize(1);
  }

  @Test
  void register_otherKind_isRefused() {
    store.register("sentiment", A);
    AdapterBundle other =
        TestingBundles.small().kind(TaskKind.REGRESS, "score").adaptAt(1, 2).build();
    refused(
        () -> store.register("sentiment", other),
        ErrorCode.FAILED_PRECONDITION,
        "kind REGRESS (expected: CLASSIFY");
    assertThat(store.task("sentiment").revisions()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "A", "../evil", "a/b", "-a", "a b", "sentimént", "a\nb"})
  void register_badName_saysTheRule(String name) {
    refused(() -> store.register(name, A), ErrorCode.INVALID_ARGUMENT, "1..63 of a-z");
    refused(() -> store.register("a".repeat(64), A), ErrorCode.INVALID_ARGUMENT, "1..63 of a-z");
  }

  @Test
  void register_signedAfterUnsigned_keepsTheSignature() {
    store.register("sentiment", A);
    AdapterBundle signed = new BundleSigner(BundleSigner.newKeys()).sign(A);
    assertThat(store.register("sentiment", signed).added()).isFalse();
    assertThat(store.load(A.digest()).signature()).isNotNull();
    store.register("sentiment", A);
    assertThat(store.load(A.digest()).signature()).isNotNull();
  }

  @Test
  void activate_setsActiveAndNotesHistory() {
    store.register("sentiment", A);
    store.register("sentiment", B);
    store.activate("sentiment", A.digest(), null);
    TaskState state = store.activate("sentiment", B.digest(), A.digest());

    assertThat(state.active()).isEqualTo(B.digest());
    assertThat(state.version()).isEqualTo(4);
    assertThat(state.history())
        .containsExactly(
            new Activation(3, A.digest(), null, Activation.Cause.ACTIVATED, NOON),
            new Activation(4, B.digest(), A.digest(), Activation.Cause.ACTIVATED, NOON));
    assertThat(store.task("sentiment")).isEqualTo(state);
    assertThat(store.activate("sentiment", B.digest(), null)).isEqualTo(state);
  }

  @Test
  void activate_expectedAnother_isAborted() {
    store.register("sentiment", A);
    store.register("sentiment", B);
    refused(
        () -> store.activate("sentiment", B.digest(), A.digest()),
        ErrorCode.ABORTED,
        "active none at version 2 (expected: " + A.digest());
    store.activate("sentiment", A.digest(), null);
    refused(
        () -> store.activate("sentiment", A.digest(), B.digest()),
        ErrorCode.ABORTED,
        "active " + A.digest() + " at version 3 (expected: " + B.digest());
    assertThat(store.task("sentiment").history()).hasSize(1);
  }

  @Test
  void activate_unknown_isNotFound() {
    refused(() -> store.activate("sentiment", A.digest(), null), ErrorCode.NOT_FOUND, "sentiment");
    store.register("sentiment", A);
    refused(
        () -> store.activate("sentiment", B.digest(), null),
        ErrorCode.NOT_FOUND,
        B.digest().toString());
    refused(() -> store.load(B.digest()), ErrorCode.NOT_FOUND, B.digest().toString());
    refused(() -> store.task("other"), ErrorCode.NOT_FOUND, "other");
  }

  @Test
  void rollback_goesBackOneStepAtATime() {
    for (AdapterBundle bundle : List.of(A, B, C)) {
      store.register("sentiment", bundle);
      store.activate("sentiment", bundle.digest(), null);
    }
    assertThat(store.rollback("sentiment").active()).isEqualTo(B.digest());
    TaskState state = store.rollback("sentiment", B.digest());
    assertThat(state.active()).isEqualTo(A.digest());
    assertThat(state.history().get(4))
        .isEqualTo(new Activation(8, A.digest(), B.digest(), Activation.Cause.ROLLED_BACK, NOON));
    refused(
        () -> store.rollback("sentiment"), ErrorCode.FAILED_PRECONDITION, "nothing to roll back");
    refused(() -> store.rollback("sentiment", C.digest()), ErrorCode.ABORTED, "active");
  }

  @Test
  void rollback_afterRollbackAndActivation_undoesTheActivation() {
    for (AdapterBundle bundle : List.of(A, B)) {
      store.register("sentiment", bundle);
      store.activate("sentiment", bundle.digest(), null);
    }
    store.rollback("sentiment");
    store.register("sentiment", C);
    store.activate("sentiment", C.digest(), null);
    assertThat(store.rollback("sentiment").active()).isEqualTo(A.digest());
  }

  @Test
  void retire_refusedWhileActive_thenKeepsItFromUse() {
    store.register("sentiment", A);
    store.register("sentiment", B);
    store.activate("sentiment", A.digest(), null);
    refused(
        () -> store.retire("sentiment", A.digest()),
        ErrorCode.FAILED_PRECONDITION,
        "revision 1 is active");
    store.activate("sentiment", B.digest(), null);
    TaskState state = store.retire("sentiment", A.digest());
    assertThat(state.revision(1).orElseThrow().retired()).isTrue();
    assertThat(store.retire("sentiment", A.digest())).isEqualTo(state);
    refused(
        () -> store.activate("sentiment", A.digest(), null),
        ErrorCode.FAILED_PRECONDITION,
        "revision 1 is retired");
    refused(
        () -> store.rollback("sentiment"), ErrorCode.FAILED_PRECONDITION, "nothing to roll back");

    store.register("sentiment", A);
    assertThat(store.rollback("sentiment").active()).isEqualTo(A.digest());
  }

  @Test
  void open_again_findsEverything() {
    store.register("sentiment", A);
    store.register("sentiment", B);
    TaskState before = store.activate("sentiment", B.digest(), null);
    reopen();
    assertThat(store.tasks()).containsExactly(before);
    assertThat(store.opened()).isEqualTo(new StoreReport(2, List.of(), List.of(), List.of()));
    assertThat(store.load(A.digest()).bytes()).isEqualTo(A.bytes());
  }

  @Test
  void open_whileOpen_namesTheHolder() {
    refused(
        () -> BundleStore.open(directory, BundleLimits.defaults(), InstantSource.system()),
        ErrorCode.FAILED_PRECONDITION,
        "locked by process " + ProcessHandle.current().pid() + ", this one");
  }

  @Test
  void open_newerSchema_isRefused() throws Exception {
    store.close();
    sql("PRAGMA user_version = 4");
    refused(
        () -> BundleStore.open(directory, BundleLimits.defaults(), InstantSource.system()),
        ErrorCode.FAILED_PRECONDITION,
        "schema version 4 (expected: 3; a newer Sluice wrote it)");
    sql("PRAGMA user_version = 3");
    open();
  }

  @Test
  void open_storeOfVersionOne_isBroughtUpToDate() throws Exception {
    store.register("sentiment", A);
    TaskState before = store.activate("sentiment", A.digest(), null);
    store.close();
    sql("DROP TABLE garbage");
    sql("DROP TABLE proof");
    sql("DROP INDEX revision_digest");
    sql("PRAGMA user_version = 1");
    open();
    assertThat(store.tasks()).containsExactly(before);
    store.retireTask("sentiment", null);
    assertThat(store.collect().digests()).containsExactly(A.digest());
  }

  @Test
  void proven_activatedWithAProof_isKnownToThatEngineUntilTheBundleIsGone() {
    store.register("sentiment", A);
    store.register("sentiment", B);
    store.activate("sentiment", A.digest(), null, new Proof("this engine", 1e-6));
    store.activate("sentiment", B.digest(), null);
    store.close();
    open();
    assertThat(store.proven("this engine")).containsExactly(entry(A.digest(), 1e-6));
    assertThat(store.proven("another engine")).isEmpty();
    store.activate("sentiment", A.digest(), null, new Proof("another engine", 2e-6));
    assertThat(store.proven("this engine")).isEmpty();
    store.retireTask("sentiment", null);
    store.collect();
    assertThat(store.proven("another engine")).isEmpty();
  }

  @Test
  void open_databaseIsSomethingElse_isDataLoss() throws Exception {
    store.close();
    Files.writeString(directory.resolve("store.db"), "not a database, but long enough ".repeat(99));
    refused(
        () -> BundleStore.open(directory, BundleLimits.defaults(), InstantSource.system()),
        ErrorCode.DATA_LOSS,
        "store.db");
    Files.delete(directory.resolve("store.db"));
    open();
  }

  @Test
  void open_damagedAndMissingBlobs_areToldAndTheRestWorks() throws IOException {
    for (AdapterBundle bundle : List.of(A, B, C)) {
      store.register("t" + bundle.digest().shortForm(), bundle);
    }
    store.close();
    Path broken = blob(A);
    byte[] bytes = Files.readAllBytes(broken);
    bytes[bytes.length / 2] ^= 1;
    Files.write(broken, bytes);
    Files.delete(blob(B));
    Path left = blob(C).resolveSibling(".x.sluice.1.tmp");
    Files.writeString(left, "half");

    open();

    assertThat(store.opened().checked()).isEqualTo(3);
    assertThat(store.opened().swept()).containsExactly(left);
    assertThat(left).doesNotExist();
    assertThat(store.opened().damaged())
        .extracting(StoreReport.Damage::digest)
        .containsExactlyInAnyOrder(A.digest(), B.digest());
    assertThat(store.opened().damaged())
        .filteredOn(damage -> damage.digest().equals(B.digest()))
        .singleElement()
        .satisfies(
            damage -> {
              assertThat(damage.reason()).contains("no such file");
              assertThat(damage.file()).isEqualTo(blob(B));
              assertThat(damage.tasks()).containsExactly("t" + B.digest().shortForm());
            });
    refused(() -> store.load(A.digest()), ErrorCode.DATA_LOSS, broken.toString());
    refused(() -> store.load(B.digest()), ErrorCode.DATA_LOSS, "no such file");
    refused(
        () -> store.activate("t" + B.digest().shortForm(), B.digest(), null),
        ErrorCode.DATA_LOSS,
        "no such file");
    assertThat(store.activate("t" + C.digest().shortForm(), C.digest(), null).active())
        .isEqualTo(C.digest());

    store.register("t" + A.digest().shortForm(), A);
    store.register("t" + B.digest().shortForm(), B);
    assertThat(store.verify().damaged()).isEmpty();
  }

  @Test
  void open_blobNobodyNames_isToldAndKept() throws IOException {
    store.register("sentiment", A);
    store.close();
    Files.delete(directory.resolve("store.db"));
    open();
    assertThat(store.tasks()).isEmpty();
    assertThat(store.opened().unregistered()).containsExactly(blob(A));
    store.register("sentiment", A);
    assertThat(store.verify().unregistered()).isEmpty();
  }

  @Test
  void load_fileChangedUnderTheOpenStore_isDataLoss() throws IOException {
    store.register("sentiment", A);
    store.load(A.digest());
    byte[] bytes = Files.readAllBytes(blob(A));
    bytes[bytes.length / 2] ^= 1;
    Files.write(blob(A), bytes);
    Files.setLastModifiedTime(blob(A), FileTime.from(NOON));
    refused(() -> store.load(A.digest()), ErrorCode.DATA_LOSS, blob(A).toString());
    refused(
        () -> store.activate("sentiment", A.digest(), null),
        ErrorCode.DATA_LOSS,
        blob(A).toString());
  }

  @Test
  void register_fromManyThreads_losesNothing() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Future<Registered>> made = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      String task = "task-" + i % 32;
      AdapterBundle bundle = bundle(100 + i);
      made.add(threads.submit(() -> store.register(task, bundle)));
    }
    for (Future<Registered> one : made) {
      assertThat(one.get().added()).isTrue();
    }
    threads.shutdown();
    List<TaskState> before = store.tasks();
    assertThat(before).hasSize(32).allMatch(task -> task.revisions().size() == 2);
    reopen();
    assertThat(store.tasks()).isEqualTo(before);
    assertThat(store.opened()).isEqualTo(new StoreReport(64, List.of(), List.of(), List.of()));
  }

  @Test
  void close_thenUse_isIllegalState() {
    store.close();
    store.close();
    assertThatThrownBy(() -> store.tasks()).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> store.load(A.digest())).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void activate_fromManyThreads_compareAndSetLosesNothing() throws Exception {
    List<Digest> digests = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      AdapterBundle bundle = bundle(10 + i);
      store.register("sentiment", bundle);
      digests.add(bundle.digest());
    }
    store.activate("sentiment", digests.get(0), null);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<Integer>> wins = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      Digest mine = digests.get(t);
      wins.add(threads.submit(activateOften(mine, 25)));
    }
    int won = 0;
    for (Future<Integer> win : wins) {
      won += win.get();
    }
    threads.shutdown();

    TaskState state = store.task("sentiment");
    assertThat(state.history()).hasSize(1 + won);
    for (int i = 1; i < state.history().size(); i++) {
      assertThat(state.history().get(i).previous()).isEqualTo(state.history().get(i - 1).digest());
      assertThat(state.history().get(i).version())
          .isEqualTo(state.history().get(i - 1).version() + 1);
    }
  }

  /** Returns how often the activation was this thread's and changed something. */
  private Callable<Integer> activateOften(Digest mine, int times) {
    return () -> {
      int won = 0;
      for (int i = 0; i < times; i++) {
        TaskState seen = store.task("sentiment");
        try {
          TaskState after = store.activate("sentiment", mine, seen.active());
          won += after.version() > seen.version() && !mine.equals(seen.active()) ? 1 : 0;
        } catch (SluiceException e) {
          assertThat(e.code()).isEqualTo(ErrorCode.ABORTED);
        }
      }
      return won;
    };
  }

  private void reopen() {
    store.close();
    open();
  }

  private void sql(String statement) throws Exception {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("store.db"));
        Statement running = connection.createStatement()) {
      running.execute(statement);
    }
  }

  private Path blob(AdapterBundle bundle) {
    String hex = bundle.digest().hex();
    return directory.resolve(Path.of("blobs", "sha256", hex.substring(0, 2), hex + ".sluice"));
  }

  private List<Path> blobs() throws IOException {
    try (var files = Files.walk(directory.resolve("blobs"))) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private static AdapterBundle bundle(long seed) {
    return TestingBundles.small().seed(seed).adaptAt(2, 2).build();
  }

  private static void refused(ThrowingCallable call, ErrorCode code, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(SluiceException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(message);
  }
}
