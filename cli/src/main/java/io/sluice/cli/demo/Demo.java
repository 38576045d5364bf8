package io.sluice.cli.demo;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.Digest;
import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.client.Connection;
import io.sluice.cli.client.Endpoint;
import io.sluice.cli.client.InferenceClient;
import io.sluice.cli.process.ProcessLife;
import io.sluice.cli.process.QuietLog;
import io.sluice.cli.terminal.Quantities;
import io.sluice.cli.terminal.Screen;
import io.sluice.cli.terminal.Table;
import io.sluice.cli.training.TrainingReport;
import io.sluice.cli.training.TrainingView;
import io.sluice.loadtest.LoadSettings;
import io.sluice.loadtest.Target;
import io.sluice.loadtest.client.AdminClient;
import io.sluice.loadtest.swap.SwapReport;
import io.sluice.loadtest.swap.SwapSettings;
import io.sluice.loadtest.swap.SwapUnderLoad;
import io.sluice.proto.v1.Activation;
import io.sluice.proto.v1.ClassifyReply;
import io.sluice.proto.v1.LabelScore;
import io.sluice.proto.v1.RegisterBundleReply;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.store.BundleStore;
import io.sluice.server.ServerSettings;
import io.sluice.server.SluiceServer;
import io.sluice.trainer.TrainResult;
import io.sluice.trainer.TrainSettings;
import io.sluice.trainer.Trainer;
import io.sluice.trainer.data.Split;
import io.sluice.trainer.gate.Budget;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;

/**
 * The main job from an empty store to a rolled back swap: start, train, register, ask, train again
 * under a tighter budget, swap under load, roll back. Every claim it makes is checked. Confined to
 * one thread, besides the clients it starts.
 */
public final class Demo {
  private static final Budget.ParameterShare FIRST = new Budget.ParameterShare(0.007);
  private static final Budget.ParameterShare TIGHTER = new Budget.ParameterShare(0.002);
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(60);
  private static final int STEPS = 300;
  private static final double LEARNING_RATE = 2e-3;
  private static final int CLIENTS = 4;

  private final Screen screen;
  private final ProcessLife process;
  private final Story story;

  /**
   * @param screen everything goes to its results, progress included
   * @param process what is stopped by a signal
   */
  public Demo(Screen screen, ProcessLife process) {
    this.screen = requireNonNull(screen, "screen").joined();
    this.process = requireNonNull(process, "process");
    this.story = new Story(this.screen);
  }

  /**
   * Runs it.
   *
   * @param directory an empty directory for the store; stays the caller's
   * @return whether all of it went well
   */
  public boolean run(Path directory) {
    QuietLog quiet = QuietLog.begin();
    try {
      return tell(directory);
    } finally {
      quiet.close();
    }
  }

  private boolean tell(Path directory) {
    long start = System.nanoTime();
    screen.line(
        "%s", screen.strong("Sluice: many tasks on one frozen encoder, swapped while they run"));
    story.chapter("A server");
    OnnxRuntime runtime = process.runtime();
    Backbone backbone = SluiceMini.load();
    try (BundleStore store =
            BundleStore.open(
                directory.resolve("store"), BundleLimits.defaults(), InstantSource.system());
        SluiceServer server =
            SluiceServer.start(
                backbone, store, ServerSettings.defaults().withPorts(0, 0), runtime)) {
      Runnable stop = server::close;
      process.onStop(stop);
      serverStarted(backbone, server, start);
      chapters(directory, new Trainer(runtime), backbone, server);
      process.forget(stop);
    }
    return story.end(System.nanoTime() - start);
  }

  private void chapters(Path directory, Trainer trainer, Backbone backbone, SluiceServer server) {
    InferenceClient client = new InferenceClient(Endpoint.local(server.port()), CALL_TIMEOUT);
    AdminClient admin = Connection.plain(Endpoint.local(server.adminPort()), CALL_TIMEOUT).admin();
    Split rows = DemoData.rows(directory);

    story.chapter("A task: what does somebody who writes to a bicycle workshop want?");
    story.line(
        "%d hand-written messages to learn from, %d to choose by; labels %s",
        rows.train().size(), rows.dev().size(), String.join(", ", rows.train().labels().names()));
    TrainResult first = train(trainer, backbone, rows, FIRST);

    story.chapter("Into the running server");
    String original = register(admin, first.bundle());

    story.chapter("Questions it has not seen");
    ask(client);

    story.chapter("The same task under a tighter budget");
    TrainResult second = train(trainer, backbone, rows, TIGHTER);
    story.check(!second.bundle().digest().equals(first.bundle().digest()), "it is another bundle");

    story.chapter("A swap, while " + CLIENTS + " clients ask without pause");
    String tighter = swap(server, admin, rows, second.bundle(), original);

    story.chapter("And back again");
    rollBack(client, admin, original, tighter);
  }

  private void serverStarted(Backbone backbone, SluiceServer server, long start) {
    story.line(
        "%s %s: %d insertion points, hidden size %d, %s parameters",
        backbone.name(),
        backbone.digest().shortForm(),
        backbone.points(),
        backbone.hiddenSize(),
        Quantities.count(backbone.parameters()));
    story.line(
        "listens on 127.0.0.1:%d for requests and 127.0.0.1:%d for administration, after %s",
        server.port(), server.adminPort(), Quantities.millis(System.nanoTime() - start));
  }

  private TrainResult train(
      Trainer trainer, Backbone backbone, Split rows, Budget.ParameterShare budget) {
    story.line(
        "budget: adapters of at most %s of the backbone's parameters, that is %s",
        budget, Quantities.count(budget.limit(backbone.parameters())));
    TrainSettings settings =
        TrainSettings.defaults().toBuilder()
            .budget(budget)
            .task(task -> task.maxTokens(64))
            .schedule(schedule -> schedule.steps(STEPS))
            .optimizer(optimizer -> optimizer.learningRate(LEARNING_RATE))
            .build();
    TrainResult result;
    try (TrainingView view = new TrainingView(screen)) {
      result = trainer.train(backbone, rows.train(), rows.dev(), settings, view);
    }
    TrainingReport.of(result, screen).forEach(line -> story.line("%s", line));
    story.check(result.cost() <= result.budget(), "the budget is met");
    return result;
  }

  private String register(AdminClient admin, AdapterBundle bundle) {
    long start = System.nanoTime();
    RegisterBundleReply reply = admin.register(DemoData.TASK, bundle.bytes(), true);
    Activation activation = reply.getActivation();
    story.line(
        "%s sent, verified, built, probed and active in %s; largest difference from the trainer's"
            + " logits %.1e",
        Quantities.bytes(bundle.sizeBytes()),
        Quantities.millis(System.nanoTime() - start),
        activation.getProbeDifference());
    story.check(
        activation.getDigest().equals(bundle.digest().toString()), "the server answers with it");
    return activation.getDigest();
  }

  private void ask(InferenceClient client) {
    Table table = new Table("asked", "answer", "probability>", "bundle", "latency>");
    for (String question : DemoData.QUESTIONS) {
      long start = System.nanoTime();
      ClassifyReply reply = client.classify(DemoData.TASK, question, null);
      long latencyNanos = System.nanoTime() - start;
      table.row(
          question,
          reply.getLabel(),
          String.format(Locale.ROOT, "%.2f", best(reply)),
          shortForm(reply.getInfo().getBundleDigest()),
          Quantities.millis(latencyNanos));
    }
    story.table(table);
  }

  private String swap(
      SluiceServer server, AdminClient admin, Split rows, AdapterBundle bundle, String before) {
    LoadSettings load =
        LoadSettings.closedLoop(
            Target.local(server.port()), DemoData.TASK, DemoData.texts(rows.dev()), CLIENTS);
    SwapReport report;
    try {
      report =
          SwapUnderLoad.run(
              SwapSettings.of(load),
              Digest.parse(before),
              log -> log.activate(() -> swapTo(admin, bundle)));
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("swap: not done (expected: done)", e);
    }
    story.swap(report);
    return bundle.digest().toString();
  }

  private static Digest swapTo(AdminClient admin, AdapterBundle bundle) {
    RegisterBundleReply reply = admin.register(DemoData.TASK, bundle.bytes(), true);
    return Digest.parse(reply.getActivation().getDigest());
  }

  private void rollBack(
      InferenceClient client, AdminClient admin, String original, String tighter) {
    Activation activation = admin.rollback(DemoData.TASK).getActivation();
    ClassifyReply reply = client.classify(DemoData.TASK, DemoData.QUESTIONS.get(0), null);
    story.line(
        "rolled back from %s to %s in generation %d; the next reply comes from %s",
        shortForm(tighter),
        shortForm(activation.getDigest()),
        activation.getGeneration(),
        shortForm(reply.getInfo().getBundleDigest()));
    story.check(
        reply.getInfo().getBundleDigest().equals(original), "the first bundle answers again");
  }

  private static double best(ClassifyReply reply) {
    return reply.getScoresList().stream().mapToDouble(LabelScore::getScore).max().orElse(0);
  }

  static String shortForm(String digest) {
    return Digest.parse(digest).shortForm();
  }
}
