package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.client.Connection;
import io.sluice.cli.client.Endpoint;
import io.sluice.cli.client.InferenceClient;
import io.sluice.cli.command.SluiceRun;
import io.sluice.loadtest.client.AdminClient;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.RegisterBundleReply;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.bundle.BundleReader;
import io.sluice.registry.probe.BundleForward;
import io.sluice.registry.store.BundleStore;
import io.sluice.server.ServerSettings;
import io.sluice.server.SluiceServer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The main job on the embedded encoder, through the command line and real ports: train twice,
 * register, ask, swap, roll back. One story; the tests are its chapters.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EndToEndIT {
  private static final double TOLERANCE = 1e-4;
  private static final String TASK = "workshop";
  private static final List<String> TEXTS =
      List.of(
          "how much for a new chain",
          "is my bike ready, I brought it on Monday",
          "please cancel my appointment");

  private final OnnxRuntime runtime = OnnxRuntime.shared();
  private final Backbone backbone = SluiceMini.load();
  @TempDir private static Path directory;
  private BundleStore store;
  private SluiceServer server;
  private AdapterBundle first;
  private AdapterBundle second;

  @BeforeAll
  void trainTwiceAndStart() throws IOException {
    first = train("first.bundle", "--max-params", "0.5%", "--seed", "1");
    second = train("second.bundle", "--max-points", "2", "--seed", "2");
    store =
        BundleStore.open(
            directory.resolve("store"), BundleLimits.defaults(), InstantSource.system());
    server =
        SluiceServer.start(backbone, store, ServerSettings.defaults().withPorts(0, 0), runtime);
  }

  @AfterAll
  void stop() {
    if (server != null) {
      server.close();
    }
    if (store != null) {
      store.close();
    }
  }

  @Test
  @Order(1)
  void train_budgets_areKept() {
    long adapters =
        first.manifest().structure().stream().mapToLong(entry -> entry.parameters()).sum();

    assertThat(adapters).isLessThanOrEqualTo((long) (0.005 * backbone.parameters()));
    assertThat(second.manifest().structure()).hasSizeBetween(1, 2);
    assertThat(second.digest()).isNotEqualTo(first.digest());
  }

  @Test
  @Order(2)
  void bundleVerify_trainedBundle_answersItsProbeOnTheBackbone() {
    SluiceRun run = SluiceRun.of("bundle", "verify", directory.resolve("first.bundle"));

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains(first.digest().toString());
  }

  @Test
  @Order(3)
  void classify_nothingRegistered_isNotFound() {
    SluiceRun run = ask(TEXTS.get(0));

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).startsWith("sluice: ").contains(TASK);
    assertThat(run.out()).isEmpty();
  }

  @Test
  @Order(4)
  void register_firstBundle_reproducesTheTrainersLogits() {
    RegisterBundleReply reply = admin().register(TASK, first.bytes(), true);

    assertThat(reply.getActivation().getDigest()).isEqualTo(first.digest().toString());
    assertThat(reply.getActivation().getProbeDifference()).isBetween(0f, (float) TOLERANCE);
  }

  @Test
  @Order(5)
  void classify_textsOverTheWire_scoresAreThoseOfTheReferenceForward() {
    InferenceClient client =
        new InferenceClient(Endpoint.local(server.port()), Duration.ofSeconds(30));
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(backbone);
        BackboneSessions sessions = BackboneSessions.open(backbone, runtime);
        BundleForward forward = new BundleForward(sessions, first, runtime)) {
      for (String text : TEXTS) {
        Encoding tokens = tokenizer.encode(text, null, first.manifest().maxTokens());
        double[] expected =
            softmax(forward.logits(List.of(tokens))[0], first.manifest().temperature());
        ClassifyReply reply = client.classify(TASK, text, null);

        assertThat(reply.getInfo().getBundleDigest()).isEqualTo(first.digest().toString());
        assertThat(reply.getInfo().getTokens()).isEqualTo(tokens.ids().length);
        for (int label = 0; label < expected.length; label++) {
          assertThat((double) reply.getScores(label).getScore())
              .as("%s: %s", text, reply.getScores(label).getLabel())
              .isBetween(expected[label] - TOLERANCE, expected[label] + TOLERANCE);
        }
      }
    }
  }

  @Test
  @Order(6)
  void register_secondBundle_answersFromThenOn() {
    SluiceRun run =
        SluiceRun.of(
            "task",
            "register",
            "--server",
            "127.0.0.1:" + server.adminPort(),
            "--task",
            TASK,
            directory.resolve("second.bundle"));

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("revision 2", second.digest().toString());
    assertThat(ask(TEXTS.get(1)).out()).contains(second.digest().toString());
  }

  @Test
  @Order(7)
  void rollback_afterTheSwap_firstBundleAnswersAgain() {
    SluiceRun run = admin("rollback", "--task", TASK);

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains(first.digest().shortForm(), second.digest().shortForm());
    assertThat(ask(TEXTS.get(1)).out()).contains(first.digest().toString());
  }

  @Test
  @Order(8)
  void activate_secondByNumber_isActiveInTheList() {
    assertThat(admin("activate", "--task", TASK, "--revision", "2").code()).isZero();

    SluiceRun list = admin("list");

    assertThat(list.code()).isZero();
    assertThat(list.out()).contains(TASK, second.digest().toString(), "classify");
  }

  @Test
  @Order(9)
  void activate_unknownTaskDigestOrLostRace_isRefusedAndChangesNothing() {
    SluiceRun task = admin("activate", "--task", "nobody", "--revision", "1");
    SluiceRun digest = admin("activate", "--task", TASK, "--digest", "0".repeat(64));
    SluiceRun race =
        admin(
            "activate",
            "--task",
            TASK,
            "--digest",
            first.digest().toString(),
            "--expect",
            first.digest().toString());
    SluiceRun raceByNumber =
        admin("activate", "--task", TASK, "--revision", "1", "--expect", first.digest().toString());

    assertThat(task.code()).isEqualTo(2);
    assertThat(task.err()).contains("nobody");
    assertThat(digest.code()).isEqualTo(2);
    assertThat(digest.err()).contains("000000");
    assertThat(race.code()).isEqualTo(1);
    assertThat(raceByNumber.code()).isEqualTo(1);
    assertThat(raceByNumber.err()).contains("active bundle " + second.digest());
    assertThat(ask(TEXTS.get(2)).out()).contains(second.digest().toString());
  }

  @Test
  @Order(10)
  void classify_pairForASingleTextTask_isRefused() {
    SluiceRun run =
        SluiceRun.of(
            "classify",
            "--server",
            "127.0.0.1:" + server.port(),
            "--task",
            TASK,
            "--pair",
            "two",
            "one");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).startsWith("sluice: ").contains("expected");
  }

  @Test
  @Order(11)
  void register_headWithoutAdapters_answersAsTheUntouchedEncoderDoes() throws IOException {
    AdapterBundle bare = train("bare.bundle", "--method", "head-only", "--seed", "3");
    assertThat(bare.manifest().structure()).isEmpty();
    assertThat(bare.points()).isEmpty();

    RegisterBundleReply reply = admin().register("bare", bare.bytes(), true);

    assertThat(reply.getActivation().getProbeDifference()).isBetween(0f, (float) TOLERANCE);
    InferenceClient client =
        new InferenceClient(Endpoint.local(server.port()), Duration.ofSeconds(30));
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(backbone);
        BackboneSessions sessions = BackboneSessions.open(backbone, runtime);
        BundleForward forward = new BundleForward(sessions, bare, runtime)) {
      Encoding tokens = tokenizer.encode(TEXTS.get(0), null, bare.manifest().maxTokens());
      double[] expected =
          softmax(forward.logits(List.of(tokens))[0], bare.manifest().temperature());
      ClassifyReply answer = client.classify("bare", TEXTS.get(0), null);
      for (int label = 0; label < expected.length; label++) {
        assertThat((double) answer.getScores(label).getScore())
            .isBetween(expected[label] - TOLERANCE, expected[label] + TOLERANCE);
      }
    }
  }

  private AdapterBundle train(String name, String... more) throws IOException {
    Path rows = directory.resolve("rows.jsonl");
    if (Files.notExists(rows)) {
      try (InputStream in =
          EndToEndIT.class.getResourceAsStream("/io/sluice/cli/demo/workshop-dev.jsonl")) {
        assertThat(in).isNotNull();
        Files.copy(in, rows);
      }
    }
    Path out = directory.resolve(name);
    Object[] arguments = {
      "train",
      "--data",
      rows,
      "--out",
      out,
      "--steps",
      "20",
      "--batch-size",
      "16",
      "--max-tokens",
      "32",
      more[0],
      more[1],
      more[2],
      more[3]
    };
    SluiceRun run = SluiceRun.of(arguments);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("linear probe", "budget", "bundle");
    return BundleReader.read(out, BundleLimits.defaults());
  }

  private SluiceRun ask(String text) {
    return SluiceRun.of(
        "classify", "--server", "127.0.0.1:" + server.port(), "--task", TASK, "--all", text);
  }

  private SluiceRun admin(String command, String... more) {
    Object[] arguments = new Object[4 + more.length];
    arguments[0] = "task";
    arguments[1] = command;
    arguments[2] = "--server";
    arguments[3] = "127.0.0.1:" + server.adminPort();
    System.arraycopy(more, 0, arguments, 4, more.length);
    return SluiceRun.of(arguments);
  }

  private AdminClient admin() {
    return Connection.plain(Endpoint.local(server.adminPort()), Duration.ofSeconds(60)).admin();
  }

  private static double[] softmax(float[] logits, double temperature) {
    double greatest = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      greatest = Math.max(greatest, logit / temperature);
    }
    double[] scores = new double[logits.length];
    double sum = 0;
    for (int i = 0; i < logits.length; i++) {
      scores[i] = Math.exp(logits[i] / temperature - greatest);
      sum += scores[i];
    }
    for (int i = 0; i < scores.length; i++) {
      scores[i] /= sum;
    }
    return scores;
  }
}
