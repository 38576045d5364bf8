package io.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.server.testing.ChildServer;
import io.sluice.server.testing.JsonClient;
import io.sluice.server.testing.JsonClient.Reply;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.TestingBackbone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The disk of a store fills up: changes are refused and say why, answers go on, nothing that was
 * acknowledged is lost, and with room again everything goes on.
 */
@Timeout(120)
class DiskFullIT {
  private static final String BYTES = "application/octet-stream";
  private static final int DISK_KIB = 1200;
  private static final int FILLED_KIB = 400;
  private static final int MOST_TASKS = 300;

  private final Map<String, String> acknowledged = new LinkedHashMap<>();

  @Test
  void register_diskFull_isRefusedAndNothingIsLost(@TempDir Path folder) throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    assumeThat(canMount(disk)).as("a disk of a namespace's own can be mounted here").isTrue();
    ServedBundles bundles = new ServedBundles(TestingBackbone.create(), OnnxRuntime.shared());
    Path copy = folder.resolve("copy");
    try (ChildServer server = ChildServer.start(onASmallDisk(disk), disk.resolve("store"))) {
      assertThat(server.awaitReady()).isTrue();
      Reply refused = fill(server, bundles);
      assertThat(refused.code()).as(refused.response().body()).isEqualTo("UNAVAILABLE");
      assertThat(refused.error()).containsAnyOf("No space left", "disk is full");
      requireServing(server);
      AdapterBundle more = bundles.bundle(1000, 1);
      assertThat(register(server, "more", more).status()).as("still full").isEqualTo(503);
      requireServing(server);
      // The disk as its server sees it.
      Path seen = Path.of("/proc/" + server.pid() + "/root" + disk.toRealPath());
      Files.delete(seen.resolve("filler"));
      assertThat(register(server, "more", more).status()).as("with room again").isEqualTo(200);
      acknowledged.put("more", more.digest().toString());
      requireServing(server);
      copy(seen.resolve("store"), copy);
    }
    try (ChildServer server = ChildServer.start(List.of(), copy)) {
      assertThat(server.awaitReady()).isTrue();
      requireServing(server);
    }
    System.err.printf("DiskFullIT: %d tasks kept%n", acknowledged.size());
  }

  /** Brings tasks in until one is refused. */
  private Reply fill(ChildServer server, ServedBundles bundles) {
    for (int i = 0; i < MOST_TASKS; i++) {
      AdapterBundle bundle = bundles.bundle(i, 1, 2, 3, 4);
      Reply reply = register(server, "task-" + i, bundle);
      if (reply.status() != 200) {
        return reply;
      }
      acknowledged.put("task-" + i, bundle.digest().toString());
    }
    throw new AssertionError(MOST_TASKS + " tasks kept (expected: a full disk before that)");
  }

  private static Reply register(ChildServer server, String task, AdapterBundle bundle) {
    return JsonClient.overHttp1(server.adminPort())
        .upload("/v1/tasks/" + task + ":register?activate=true", BYTES, bundle.bytes());
  }

  /** Every task that was acknowledged is listed with its bundle and answers by it. */
  private void requireServing(ChildServer server) {
    Map<String, String> listed = new LinkedHashMap<>();
    JsonNode tasks = JsonClient.overHttp1(server.adminPort()).get("/v1/tasks").json().path("tasks");
    tasks.forEach(
        task -> {
          if (!task.path("activeDigest").asText().isEmpty()) {
            listed.put(task.path("name").asText(), task.path("activeDigest").asText());
          }
        });
    assertThat(listed).containsExactlyInAnyOrderEntriesOf(acknowledged);
    JsonClient data = JsonClient.overHttp1(server.port());
    acknowledged.forEach(
        (task, digest) -> {
          Reply answer = data.post("/v1/tasks/" + task + ":classify", "{\"text\": \"good\"}");
          assertThat(answer.json().at("/info/bundleDigest").asText()).isEqualTo(digest);
        });
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path one : all.toList()) {
        Files.copy(one, to.resolve(from.relativize(one).toString()));
      }
    }
  }

  /** A mount that only the process sees, and that is gone with it. */
  private static List<String> onASmallDisk(Path at) {
    return List.of(
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        ("mount -t tmpfs -o size=%dk tmpfs \"$0\" && head -c %dk /dev/zero >\"$0/filler\""
                + " && exec \"$@\"")
            .formatted(DISK_KIB, FILLED_KIB),
        at.toString());
  }

  private static boolean canMount(Path at) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(onASmallDisk(at));
    command.add("true");
    try {
      Process process = new ProcessBuilder(command).start();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
