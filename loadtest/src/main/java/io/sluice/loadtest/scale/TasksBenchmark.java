package io.sluice.loadtest.scale;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Encoding;
import io.sluice.loadtest.Bed;
import io.sluice.loadtest.Exchange;
import io.sluice.loadtest.Progress;
import io.sluice.loadtest.TaskMix;
import io.sluice.loadtest.bundle.TaskFamily;
import io.sluice.loadtest.floor.MergedSessions;
import io.sluice.loadtest.load.Phase;
import io.sluice.loadtest.vitals.ServerVitals;
import io.sluice.loadtest.vitals.Vitals;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Registers more and more tasks of one structure, and at each count asks one of them and all of
 * them in turns; every answer must carry the digest of its task's bundle. Confined to one thread.
 */
public final class TasksBenchmark {
  private static final int TELL_EVERY = 200;

  /** Time of a registration in units of a load's second, for the estimate of progress. */
  private static final double REGISTRATION = 0.02;

  private final Bed bed;
  private final TaskFamily family;
  private final Phase phase;
  private final TasksSettings settings;
  private final Registrations registrations;
  private final List<String> names = new ArrayList<>();
  private final AtomicLong failures = new AtomicLong();
  private final AtomicLong wrong = new AtomicLong();

  /**
   * @param phase of each load; its check is replaced
   */
  public TasksBenchmark(Bed bed, TaskFamily family, Phase phase, TasksSettings settings) {
    this.bed = requireNonNull(bed, "bed");
    this.family = requireNonNull(family, "family");
    this.settings = requireNonNull(settings, "settings");
    this.phase =
        new Phase(
            phase.target(),
            phase.texts(),
            phase.warmUp(),
            phase.time(),
            phase.objective(),
            this::check);
    this.registrations = new Registrations(bed.admin(), family, settings.connections());
  }

  /** Runs. */
  public TasksFound run(Progress progress) throws InterruptedException {
    double loadShare = loadShare();
    try (ServerVitals server = ServerVitals.attach(bed.serverPid())) {
      register(1, progress, 0, loadShare);
      progress.at(0, "warming up");
      phase
          .lasting(phase.warmUp(), phase.time().multipliedBy(3))
          .closed(mix(1), settings.clients());
      Vitals empty = server.readCollected();
      List<TasksFound.Step> steps = new ArrayList<>();
      for (int i = 0; i < settings.counts().size(); i++) {
        int count = settings.counts().get(i);
        double done = loadShare * i / settings.counts().size();
        Registrations.Made registered = register(count, progress, done, loadShare);
        Vitals vitals = server.readCollected();
        steps.add(step(count, registered, vitals, server, progress, done));
      }
      TasksFound.Peer peer = settings.peerBytes() == 0 ? null : peer(progress);
      return new TasksFound(family.words(), family.weightBytes(), empty, steps, peer);
    }
  }

  private Registrations.Made register(int count, Progress progress, double done, double loadShare)
      throws InterruptedException {
    int from = names.size();
    Registrations.Made made =
        registrations.register(
            from,
            count,
            number -> {
              if (number % TELL_EVERY == 0) {
                double share = (1 - loadShare) * number / settings.most();
                progress.at(done + share, "task " + number + " of " + settings.most());
              }
            });
    for (int number = from; number < count; number++) {
      names.add(Registrations.name(number));
    }
    return made;
  }

  private TasksFound.Step step(
      int count,
      Registrations.Made registered,
      Vitals vitals,
      ServerVitals server,
      Progress progress,
      double done)
      throws InterruptedException {
    failures.set(0);
    wrong.set(0);
    List<Double> one = new ArrayList<>();
    List<Double> mix = new ArrayList<>();
    double registering = (1 - loadShare()) * count / settings.most();
    for (int round = 0; round < settings.rounds(); round++) {
      progress.at(
          Math.min(1, done + registering),
          count + " tasks, round " + (round + 1) + " of " + settings.rounds());
      // In turns, and in the other order every other time.
      if (round % 2 == 0) {
        one.add(answered(TaskMix.only(names.get(0))));
        mix.add(answered(mix(count)));
      } else {
        mix.add(answered(mix(count)));
        one.add(answered(TaskMix.only(names.get(0))));
      }
    }
    return new TasksFound.Step(
        count,
        registered.latencies(),
        registered.seconds(),
        registered.compiled(),
        vitals,
        server.readCollected(),
        one,
        mix,
        failures.get(),
        wrong.get());
  }

  private TasksFound.Peer peer(Progress progress) throws InterruptedException {
    progress.at(0.95, "plain sessions, one for each task");
    List<Double> rows = new ArrayList<>();
    List<Double> served = new ArrayList<>();
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(bed.sessions().backbone())) {
      List<Encoding> encoded =
          tokenizer.encode(phase.texts(), family.original().manifest().maxTokens());
      int tokens = encoded.get(0).length();
      try (MergedSessions sessions =
          new MergedSessions(
              bed.sessions().backbone(),
              family::member,
              bed.runtime(),
              tokens,
              settings.most(),
              settings.peerBytes())) {
        TaskMix mix = mix(sessions.tasks());
        for (int round = 0; round < settings.rounds(); round++) {
          progress.at(0.97, "plain sessions and server, round " + (round + 1));
          rows.add(
              sessions.rowsPerSecond(mix::pickRank, encoded, phase.time(), bed.seed() + round));
          served.add(answered(mix));
        }
        return new TasksFound.Peer(
            sessions.tasks(),
            sessions.bytes(),
            sessions.bytes() >= settings.peerBytes(),
            rows,
            served);
      }
    }
  }

  private double answered(TaskMix mix) throws InterruptedException {
    return phase.closed(mix, settings.clients()).answered();
  }

  private TaskMix mix(int count) {
    return TaskMix.zipf(names.subList(0, count), settings.exponent());
  }

  private void check(Exchange exchange) {
    Exchange.@Nullable Reply reply = exchange.reply();
    if (reply == null) {
      failures.incrementAndGet();
    } else if (!reply.digest().equals(registrations.digests().get(exchange.task()))) {
      wrong.incrementAndGet();
    }
  }

  /** The part of all time that goes into loads; the rest goes into registering. */
  private double loadShare() {
    double load =
        settings.counts().size()
            * 2.0
            * settings.rounds()
            * phase.warmUp().plus(phase.time()).toMillis()
            / 1e3;
    return load / (load + REGISTRATION * settings.most());
  }
}
