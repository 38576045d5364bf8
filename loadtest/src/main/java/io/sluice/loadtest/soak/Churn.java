package io.sluice.loadtest.soak;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.SluiceException;
import io.sluice.loadtest.AdminCalls;
import io.sluice.loadtest.bundle.TaskFamily;
import io.sluice.registry.bundle.AdapterBundle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/**
 * Bundles on the move: sent, activated, rolled back, and one that is damaged now and then. Each
 * task has a few bundles of its own, made once, so that what the server keeps does not grow for
 * ever. One thread changes, any may ask what a task's bundles are.
 */
final class Churn {
  private static final int BUNDLES = 4;

  private final AdminCalls admin;
  private final Tally tally;
  private final RandomGenerator random;
  private final List<String> names = new ArrayList<>();
  private final Map<String, List<AdapterBundle>> bundles = new ConcurrentHashMap<>();
  private final Map<String, Set<String>> digests = new ConcurrentHashMap<>();

  Churn(AdminCalls admin, TaskFamily family, int tasks, Tally tally, RandomGenerator random) {
    this.admin = requireNonNull(admin, "admin");
    this.tally = requireNonNull(tally, "tally");
    this.random = requireNonNull(random, "random");
    for (int task = 0; task < tasks; task++) {
      String name = "soak-" + task;
      List<AdapterBundle> own = new ArrayList<>();
      Set<String> known = ConcurrentHashMap.newKeySet();
      for (int i = 0; i < BUNDLES; i++) {
        AdapterBundle bundle = family.member((long) task * BUNDLES + i);
        own.add(bundle);
        known.add(bundle.digest().toString());
      }
      names.add(name);
      bundles.put(name, own);
      digests.put(name, known);
    }
  }

  List<String> names() {
    return List.copyOf(names);
  }

  /** Makes every task answer. */
  void begin() {
    for (String name : names) {
      admin.register(name, of(name).get(0));
    }
  }

  /** Whether the digest is that of a bundle of the task. */
  boolean knows(String task, String digest) {
    Set<String> known = digests.get(task);
    return known != null && known.contains(digest);
  }

  /** One change by chance. */
  void change() {
    String task = names.get(random.nextInt(names.size()));
    AdapterBundle bundle = of(task).get(random.nextInt(BUNDLES));
    int kind = random.nextInt(10);
    try {
      if (kind < 5) {
        admin.register(task, bundle);
        tally.changed("sent and activated");
      } else if (kind < 8) {
        admin.rollback(task);
        tally.changed("rolled back");
      } else if (kind < 9) {
        admin.store(task, bundle);
        admin.activate(task, bundle.digest());
        tally.changed("sent, then activated");
      } else {
        damaged(task, bundle);
      }
    } catch (SluiceException e) {
      refused(e);
    }
  }

  private void damaged(String task, AdapterBundle bundle) {
    byte[] bytes = bundle.bytes();
    bytes[bytes.length / 2] ^= 1;
    try {
      admin.register(task, bytes);
      tally.unexpected("a damaged bundle of " + task + " was taken");
    } catch (SluiceException e) {
      switch (e.code()) {
        case INVALID_ARGUMENT, DATA_LOSS -> tally.changed("damaged, refused");
        default -> tally.unexpected("a damaged bundle of " + task + ": " + e.getMessage());
      }
    }
  }

  private void refused(SluiceException e) {
    switch (e.code()) {
      // Nothing was active before, or somebody was faster.
      case FAILED_PRECONDITION, ABORTED -> tally.changed("nothing to roll back to");
      default -> tally.unexpected("a change: " + e.code() + " " + e.getMessage());
    }
  }

  private List<AdapterBundle> of(String task) {
    return requireNonNull(bundles.get(task), task);
  }
}
