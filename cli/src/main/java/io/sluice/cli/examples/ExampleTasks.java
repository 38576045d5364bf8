package io.sluice.cli.examples;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Digest;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleLimits;
import io.sluice.registry.bundle.BundleReader;
import io.sluice.registry.store.BundleStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * The tasks that a new store starts with: bundles of the embedded encoder, trained by {@code
 * examples/train.sh} on rows written for this project. Stateless.
 */
public final class ExampleTasks {
  /** Their names. */
  public static final List<String> NAMES =
      List.of("sentiment", "intent", "boolean-answer", "span-answer");

  private ExampleTasks() {}

  /**
   * The bundle of one of them.
   *
   * @param name one of {@link #NAMES}
   */
  public static AdapterBundle bundle(String name) {
    String file = name + ".bundle";
    try (InputStream in =
        requireNonNull(ExampleTasks.class.getResourceAsStream(file), "resource " + file)) {
      return BundleReader.read(in.readAllBytes(), BundleLimits.defaults());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Registers and activates all of them, in a store that is new and will serve on the backbone they
   * were trained on; does nothing to any other.
   *
   * @param backbone the digest of the backbone
   * @return the tasks that were added: all or none
   */
  public static List<String> addTo(BundleStore store, Digest backbone) {
    if (!store.isNew()) {
      return List.of();
    }
    List<AdapterBundle> bundles = NAMES.stream().map(ExampleTasks::bundle).toList();
    if (!bundles.stream().allMatch(bundle -> bundle.manifest().backbone().equals(backbone))) {
      return List.of();
    }
    for (int i = 0; i < NAMES.size(); i++) {
      store.register(NAMES.get(i), bundles.get(i));
      store.activate(NAMES.get(i), bundles.get(i).digest(), null);
    }
    return NAMES;
  }
}
