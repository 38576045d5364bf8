package io.sluice.server.activation;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.PointEntry;
import io.sluice.registry.cost.BundleCost;
import io.sluice.registry.cost.CostTable;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * By which prices bundles are judged before they run, and what they may cost. Immutable.
 *
 * @param prices of the backbone on this machine; null where there are none
 * @param maxBytes memory of one bundle's weights, at most; null for any
 * @param maxMicros time of a bundle's longest row by itself, encoder included, at most; null for
 *     any
 */
public record CostSettings(
    @Nullable CostTable prices, @Nullable Long maxBytes, @Nullable Double maxMicros) {
  private static final CostSettings ANY = new CostSettings(null, null, null);

  public CostSettings {
    if (maxBytes != null && maxBytes < 1) {
      throw new IllegalArgumentException(
          "max-bundle-bytes: " + maxBytes + " (expected: 1 or more)");
    }
    if (maxMicros != null && !(maxMicros > 0)) {
      throw new IllegalArgumentException(
          "max-bundle-latency-us: " + maxMicros + " (expected: above 0)");
    }
    if (maxMicros != null && prices == null) {
      throw new IllegalArgumentException(
          "max-bundle-latency-us: "
              + maxMicros
              + " without prices (expected: costs, as sluice backbone profile measures them)");
    }
  }

  /** No prices, no limits. */
  public static CostSettings any() {
    return ANY;
  }

  /** What a row of that length costs, its time included if there are prices for it. */
  public BundleCost of(Manifest manifest, int tokens) {
    return BundleCost.of(manifest, tokens, prices);
  }

  /**
   * Refuses a bundle that costs more than one may.
   *
   * @throws SluiceException FAILED_PRECONDITION
   */
  void require(AdapterBundle bundle) {
    requireNonNull(bundle, "bundle");
    BundleCost cost = of(bundle.manifest(), bundle.manifest().maxTokens());
    if (maxBytes != null && cost.weightBytes() > maxBytes) {
      throw refused(
          bundle,
          "weights: " + cost.weightBytes() + " bytes",
          "at most " + maxBytes + ", max-bundle-bytes");
    }
    if (maxMicros == null) {
      return;
    }
    BundleCost.Time time = cost.time();
    if (time == null) {
      throw refused(
          bundle,
          "predicted latency: none, as adapters "
              + kinds(bundle.manifest())
              + " are not all priced",
          "prices of this backbone with each of them, max-bundle-latency-us");
    }
    if (!(time.totalMicros() <= maxMicros)) {
      throw refused(
          bundle,
          String.format(
              Locale.ROOT,
              "predicted latency: %.0f us for a row of %d tokens, %.0f of them its adapters'",
              time.totalMicros(),
              cost.tokens(),
              time.adapterMicros()),
          String.format(Locale.ROOT, "at most %.0f, max-bundle-latency-us", maxMicros));
    }
  }

  private static SortedSet<String> kinds(Manifest manifest) {
    return manifest.structure().stream()
        .map(PointEntry::kind)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static SluiceException refused(AdapterBundle bundle, String found, String expected) {
    return new SluiceException(
        ErrorCode.FAILED_PRECONDITION, bundle + ": " + found + " (expected: " + expected + ")");
  }
}
