package io.sluice.loadtest;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.TextPair;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.loadtest.report.Environment;
import java.util.List;

/**
 * What a benchmark works with: a running server, and the same backbone here to make bundles with.
 *
 * @param sessions the backbone in this process
 * @param data the server's data port
 * @param admin a connection to its admin port
 * @param serverPid the server's process, which may be this one
 * @param environment what it runs on
 * @param setting sentences about the server and the backbone, for reports
 * @param seed of everything random
 */
public record Bed(
    BackboneSessions sessions,
    OnnxRuntime runtime,
    Target data,
    AdminCalls admin,
    long serverPid,
    Environment environment,
    List<String> setting,
    long seed) {
  private static final int TEXTS = 1024;

  public Bed {
    requireNonNull(sessions, "sessions");
    requireNonNull(runtime, "runtime");
    requireNonNull(data, "data");
    requireNonNull(admin, "admin");
    requireNonNull(environment, "environment");
    setting = List.copyOf(setting);
  }

  /** A thousand random texts of that length, so that a cache of texts would help little. */
  public List<TextPair> texts(int tokens) {
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(sessions.backbone())) {
      return TextsOfLength.of(tokenizer, tokens, TEXTS, seed);
    }
  }
}
