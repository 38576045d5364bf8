package io.sluice.trainer.report;

import io.sluice.registry.bundle.Manifest;
import j2html.tags.ContainerTag;
import java.util.ArrayList;
import java.util.List;

/** Where the bundle comes from: data, seed, settings, versions, every measure. */
final class ProvenanceSection {
  private ProvenanceSection() {}

  static ContainerTag<?> draw(Manifest manifest) {
    List<List<String>> measures = new ArrayList<>();
    manifest
        .metrics()
        .forEach((name, value) -> measures.add(List.of(name, Figures.decimal(value))));
    List<List<String>> settings = new ArrayList<>();
    settings.add(List.of("data", manifest.provenance().data().toString()));
    settings.add(List.of("seed", Long.toString(manifest.provenance().seed())));
    manifest.provenance().hyperParameters().forEach((name, v) -> settings.add(List.of(name, v)));
    manifest.provenance().versions().forEach((name, v) -> settings.add(List.of(name, v)));
    return Markup.element(
        "section",
        Markup.text("h2", "Measures and origin"),
        Markup.styled(
            "div",
            "charts",
            Markup.element(
                "figure",
                Markup.text("figcaption", "All measures"),
                Markup.table("All measures", List.of("measure", "value"), measures)),
            Markup.element(
                "figure",
                Markup.text("figcaption", "What the bundle is a function of"),
                Markup.table(
                        "What the bundle is a function of", List.of("setting", "value"), settings)
                    .withClass("scroll texts"))));
  }
}
