package io.sluice.trainer.report;

import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.bundle.Provenance;
import j2html.tags.ContainerTag;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Where the bundle comes from: data, seed, settings, versions, every measure. */
final class ProvenanceSection {
  private static final String DEV = "dev_";
  private static final String PROBE = "linear_probe_";

  private ProvenanceSection() {}

  static ContainerTag<?> draw(Manifest manifest) {
    return Markup.element(
        "section",
        Markup.text("h2", "Measures and origin"),
        Markup.styled(
            "div", "charts", measures(manifest.metrics()), settings(manifest.provenance())));
  }

  /** A row for each measure: of the adapters, and of the linear probe beside it. */
  private static ContainerTag<?> measures(Map<String, Double> metrics) {
    Set<String> names = new LinkedHashSet<>();
    metrics.keySet().forEach(name -> names.add(measure(name)));
    List<List<String>> rows = new ArrayList<>();
    for (String name : names) {
      double dev = metrics.getOrDefault(DEV + name, metrics.getOrDefault(name, Double.NaN));
      double probe = metrics.getOrDefault(PROBE + name, Double.NaN);
      rows.add(
          List.of(
              MeasureForm.name(name),
              MeasureForm.value(name, dev),
              MeasureForm.value(name, probe)));
    }
    String caption = "All measures on the dev rows";
    return Markup.element(
        "figure",
        Markup.text("figcaption", caption),
        Markup.table(caption, List.of("measure", "adapters", "linear probe"), rows)
            .withClass("scroll"));
  }

  private static String measure(String metric) {
    if (metric.startsWith(PROBE)) {
      return metric.substring(PROBE.length());
    }
    return metric.startsWith(DEV) ? metric.substring(DEV.length()) : metric;
  }

  private static ContainerTag<?> settings(Provenance provenance) {
    List<List<String>> settings = new ArrayList<>();
    settings.add(List.of("data", provenance.data().toString()));
    settings.add(List.of("seed", Long.toString(provenance.seed())));
    provenance.hyperParameters().forEach((name, v) -> settings.add(List.of(name, spaced(v))));
    provenance.versions().forEach((name, v) -> settings.add(List.of(name, spaced(v))));
    String caption = "What the bundle is a function of";
    return Markup.element(
        "figure",
        Markup.text("figcaption", caption),
        Markup.table(caption, List.of("setting", "value"), settings).withClass("scroll texts"));
  }

  /** A list that may break between its parts. */
  private static String spaced(String list) {
    return list.replaceAll(",(?=\\S)", ", ");
  }
}
