package io.sluice.server;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.server.testing.ChildServer;
import io.sluice.server.testing.JsonClient;
import io.sluice.server.testing.JsonClient.Reply;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.TestingBackbone;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server is killed with SIGKILL at random moments while bundles are registered, activated and
 * rolled back, and started again on the same store: what it had acknowledged is there, and every
 * answer is by the bundle that should give it.
 */
class ServerKillIT {
  /** {@code -Dsluice.test.kills=1000} for the long run. */
  private static final int KILLS = Integer.getInteger("sluice.test.kills", 3);

  private static final int BUNDLES = 8;
  private static final int LATEST_MILLIS = 1000;

  /** Every so many are killed while they start. */
  private static final int EARLY = 5;

  private static final int EARLY_MILLIS = 1500;
  private static final String TEXT = "{\"text\": \"the old film was good\"}";

  private final Map<String, AdapterBundle> bundles = new HashMap<>();
  private final Map<String, Double> scores = new HashMap<>();

  private final Set<String> registered = new HashSet<>();

  /** What may be active: after an acknowledged change one, and with another under way also its. */
  private final Set<String> possible = new HashSet<>();

  private int changes;
  private int answers;

  @Test
  void kill_atRandomMoments_losesNothingThatWasAcknowledged(@TempDir Path store) throws Exception {
    long seed = System.nanoTime();
    System.err.println("ServerKillIT: seed " + seed);
    Random random = new Random(seed);
    OnnxRuntime runtime = OnnxRuntime.shared();
    Backbone backbone = TestingBackbone.create();
    ServedBundles served = new ServedBundles(backbone, runtime);
    for (int i = 0; i < BUNDLES; i++) {
      AdapterBundle bundle = served.bundle(i, 1 + i % TestingBackbone.POINTS);
      bundles.put(bundle.digest().toString(), bundle);
    }
    List<String> digests = bundles.keySet().stream().sorted().toList();
    ScheduledExecutorService killer = Executors.newSingleThreadScheduledExecutor();
    try {
      int kills = 0;
      while (kills < KILLS) {
        boolean early = kills % EARLY == EARLY - 1;
        try (ChildServer server = ChildServer.start(List.of(), store)) {
          kills++;
          if (early) {
            later(killer, server, 1000L * random.nextInt(EARLY_MILLIS));
          }
          if (!server.awaitReady()) {
            assertThat(early).as("serves").isTrue();
            continue;
          }
          if (!early) {
            requireWhole(server);
            later(killer, server, random.nextInt(1000 * LATEST_MILLIS));
          }
          change(server, digests, random);
        }
      }
      try (ChildServer server = ChildServer.start(List.of(), store)) {
        assertThat(server.awaitReady()).isTrue();
        requireWhole(server);
      }
    } finally {
      killer.shutdownNow();
    }
    System.err.printf(
        "ServerKillIT: %d kills, %d changes acknowledged, %d answers%n", KILLS, changes, answers);
    assertThat(changes).isPositive();
  }

  private static void later(ScheduledExecutorService killer, ChildServer server, long micros) {
    var unused = killer.schedule(server::kill, micros, TimeUnit.MICROSECONDS);
  }

  /** Changes and asks until the server is dead. */
  private void change(ChildServer server, List<String> digests, Random random) {
    JsonClient admin = JsonClient.overHttp1(server.adminPort());
    JsonClient data = JsonClient.overHttp1(server.port());
    try {
      while (true) {
        String digest = digests.get(random.nextInt(digests.size()));
        possible.add(digest);
        Reply reply =
            admin.upload(
                "/v1/tasks/film:register?activate=true",
                "application/octet-stream",
                requireNonNull(bundles.get(digest)).bytes());
        assertThat(reply.status()).as(reply.response().body()).isEqualTo(200);
        registered.add(digest);
        acknowledged(digest);
        if (random.nextInt(3) == 0) {
          back(admin);
        }
        requireAnswer(data);
      }
    } catch (CompletionException killed) {
      assertThat(killed.getCause()).isInstanceOf(IOException.class);
    }
  }

  /** Where it leads is told by the reply. */
  private void back(JsonClient admin) {
    Set<String> before = Set.copyOf(possible);
    possible.addAll(registered);
    Reply reply = admin.post("/v1/tasks/film:rollback", "{}");
    if (reply.status() == 200) {
      acknowledged(reply.json().at("/task/activeDigest").asText());
    } else {
      assertThat(reply.code()).as(reply.response().body()).isEqualTo("FAILED_PRECONDITION");
      possible.retainAll(before);
    }
  }

  private void acknowledged(String active) {
    possible.clear();
    possible.add(active);
    changes++;
  }

  /** All that was acknowledged is there, and what may be active is. */
  private void requireWhole(ChildServer server) {
    JsonNode task = JsonClient.overHttp1(server.adminPort()).get("/v1/tasks").json().at("/tasks/0");
    Set<String> found = new HashSet<>();
    task.path("revisions").forEach(revision -> found.add(revision.path("digest").asText()));
    assertThat(found).containsAll(registered).isSubsetOf(bundles.keySet());
    registered.addAll(found);
    String active = task.path("activeDigest").asText();
    if (active.isEmpty()) {
      assertThat(changes).as("changes acknowledged").isZero();
    } else {
      assertThat(possible).contains(active);
      possible.retainAll(Set.of(active));
      requireAnswer(JsonClient.overHttp1(server.port()));
    }
  }

  /** By the right bundle, and as every answer of it was. */
  private void requireAnswer(JsonClient data) {
    Reply reply = data.post("/v1/tasks/film:classify", TEXT);
    assertThat(reply.status()).as(reply.response().body()).isEqualTo(200);
    String digest = reply.json().at("/info/bundleDigest").asText();
    assertThat(possible).contains(digest);
    double score = reply.json().at("/scores/0/score").asDouble();
    assertThat(score).isCloseTo(scores.computeIfAbsent(digest, first -> score), within(1e-5));
    answers++;
  }
}
