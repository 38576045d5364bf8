package io.sluice.registry.bundle;

import io.sluice.backbone.Digest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What two bundles differ in, from what they are down to where they come from. Signatures are not
 * looked at: they are not part of what a bundle is. Immutable.
 */
public final class BundleComparison {
  /** What stands for a thing that one of the two does not have. */
  public static final String NONE = "-";

  private final List<Difference> differences = new ArrayList<>();

  private BundleComparison() {}

  /**
   * One thing that differs.
   *
   * @param part which part of the bundle: task, structure, weights, cost, metrics ...
   * @param what the thing
   * @param first how it is in the first bundle, {@link #NONE} if it is not there
   * @param second how it is in the second
   */
  public record Difference(String part, String what, String first, String second) {}

  /** Compares two bundles; empty exactly if they have one digest. */
  public static List<Difference> of(AdapterBundle first, AdapterBundle second) {
    BundleComparison comparison = new BundleComparison();
    Manifest a = first.manifest();
    Manifest b = second.manifest();
    comparison.task(a, b);
    comparison.structure(a, b);
    comparison.cost(a, b);
    comparison.maps("metrics", text(a.metrics()), text(b.metrics()));
    comparison.provenance(a.provenance(), b.provenance());
    comparison.contents(first, second);
    return Collections.unmodifiableList(comparison.differences);
  }

  private void task(Manifest a, Manifest b) {
    compare("task", "kind", a, b, m -> m.kind().name().toLowerCase(Locale.ROOT));
    compare("task", "labels", a, b, m -> String.join(", ", m.labels()));
    compare("task", "texts", a, b, m -> String.join(", ", m.textFields()));
    compare("task", "max tokens", a, b, m -> Integer.toString(m.maxTokens()));
    compare("task", "pooling", a, b, m -> m.pooling().name().toLowerCase(Locale.ROOT));
    compare("task", "temperature", a, b, m -> Double.toString(m.temperature()));
    compare("task", "threshold", a, b, m -> orNone(m.threshold()));
    compare("backbone", "name", a, b, Manifest::backboneName);
    compare("backbone", "digest", a, b, m -> m.backbone().shortForm());
    compare("backbone", "points", a, b, m -> Integer.toString(m.backbonePoints()));
    compare("backbone", "hidden size", a, b, m -> Integer.toString(m.hiddenSize()));
  }

  private void structure(Manifest a, Manifest b) {
    SortedSet<Integer> points = new TreeSet<>();
    a.structure().forEach(entry -> points.add(entry.point()));
    b.structure().forEach(entry -> points.add(entry.point()));
    for (int point : points) {
      compare("structure", "point " + point, a, b, manifest -> at(manifest, point));
    }
    compare("structure", "head", a, b, m -> m.head().kind());
  }

  private void cost(Manifest a, Manifest b) {
    compare("cost", "adapters", a, b, m -> Integer.toString(m.structure().size()));
    compare("cost", "parameters", a, b, m -> count(m.cost().parameters()));
    compare(
        "cost",
        "adapter parameters",
        a,
        b,
        m -> count(m.cost().parameters() - m.head().parameters()));
    compare("cost", "FLOPs per token", a, b, m -> count(m.cost().flopsPerToken()));
    compare("cost", "FLOPs per row, head", a, b, m -> count(m.head().flopsPerRow()));
    compare("cost", "trunk blocks", a, b, m -> Integer.toString(m.cost().trunkBlocks()));
  }

  private void provenance(Provenance a, Provenance b) {
    compare("origin", "data", a, b, p -> p.data().shortForm());
    compare("origin", "seed", a, b, p -> Long.toString(p.seed()));
    maps("settings", a.hyperParameters(), b.hyperParameters());
    maps("versions", a.versions(), b.versions());
    compare("origin", "jvm", a, b, Provenance::jvm);
    compare("origin", "os", a, b, Provenance::os);
  }

  /** Files that both have, but not with the same bytes; what the manifest says is said above. */
  private void contents(AdapterBundle first, AdapterBundle second) {
    SortedSet<String> names = new TreeSet<>(first.entries().keySet());
    names.addAll(second.entries().keySet());
    names.removeAll(List.of(BundleFormat.SUMS, BundleFormat.SIGNATURE, BundleFormat.MANIFEST));
    for (String name : names) {
      byte[] a = first.entries().get(name);
      byte[] b = second.entries().get(name);
      if (!Arrays.equals(a, b)) {
        add("contents", name, bytes(a), bytes(b));
      }
    }
    if (differences.isEmpty() && !first.digest().equals(second.digest())) {
      byte[] a = first.entries().get(BundleFormat.MANIFEST);
      byte[] b = second.entries().get(BundleFormat.MANIFEST);
      add("contents", BundleFormat.MANIFEST, bytes(a), bytes(b));
    }
  }

  private static String at(Manifest manifest, int point) {
    List<String> entries =
        manifest.structure().stream()
            .filter(entry -> entry.point() == point)
            .map(entry -> entry.kind() + (entry.rank() == 0 ? "" : ", rank " + entry.rank()))
            .toList();
    return entries.isEmpty() ? NONE : String.join("; ", entries);
  }

  private <T> void compare(String part, String what, T a, T b, Function<T, String> of) {
    String first = of.apply(a);
    String second = of.apply(b);
    if (!first.equals(second)) {
      differences.add(new Difference(part, what, first, second));
    }
  }

  private void maps(String part, Map<String, String> a, Map<String, String> b) {
    SortedSet<String> names = new TreeSet<>(a.keySet());
    names.addAll(b.keySet());
    for (String name : names) {
      compare(part, name, a, b, map -> map.getOrDefault(name, NONE));
    }
  }

  private void add(String part, String what, String first, String second) {
    differences.add(new Difference(part, what, first, second));
  }

  private static Map<String, String> text(Map<String, Double> values) {
    Map<String, String> texts = new TreeMap<>();
    values.forEach((name, value) -> texts.put(name, Double.toString(value)));
    return texts;
  }

  private static String bytes(byte @Nullable [] content) {
    return content == null
        ? NONE
        : Digest.of(content).shortForm() + ", " + count(content.length) + " bytes";
  }

  private static String orNone(@Nullable Double value) {
    return value == null ? NONE : value.toString();
  }

  private static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
