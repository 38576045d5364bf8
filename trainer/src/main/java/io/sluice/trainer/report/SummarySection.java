package io.sluice.trainer.report;

import io.sluice.registry.bundle.Manifest;
import io.sluice.trainer.diagnosis.Finding;
import io.sluice.trainer.diagnosis.Outcome;
import j2html.tags.ContainerTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a reader wants to know first: the score, its price, and whether anything is wrong. */
final class SummarySection {
  private static final String SOUND =
      "None of the known signs: loss and gates were stable, most gates made up their minds, the"
          + " adapters gain on the linear probe, and the dev rows do not fall behind.";
  private static final String SOUND_WITHOUT_SEARCH =
      "None of the known signs: the loss was stable, and the dev rows do not fall behind.";

  private SummarySection() {}

  static ContainerTag<?> draw(ReportData data) {
    return Markup.element("header", title(data), tiles(data));
  }

  private static ContainerTag<?> title(ReportData data) {
    Manifest manifest = data.manifest();
    String kind = manifest.kind().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    String labels =
        manifest.labels().isEmpty() ? "" : ": " + shortened(String.join(", ", manifest.labels()));
    return Markup.element(
        "div",
        Markup.text("p", "Sluice training report").withClass("kicker"),
        Markup.text("h1", kind + labels),
        Markup.text(
                "p",
                "on "
                    + manifest.backboneName()
                    + " "
                    + manifest.backbone().shortForm()
                    + ", seed "
                    + manifest.provenance().seed())
            .withClass("faint"));
  }

  private static ContainerTag<?> tiles(ReportData data) {
    Manifest manifest = data.manifest();
    Outcome outcome = data.outcome();
    List<ContainerTag<?>> tiles = new ArrayList<>();
    tiles.add(
        tile(
            "dev " + MeasureForm.name(outcome.metric()),
            MeasureForm.value(outcome.metric(), outcome.score()),
            gain(outcome)));
    tiles.add(
        tile(
            "adapters",
            Figures.brief(data.adapterParameters()),
            Figures.percent((double) data.adapterParameters() / data.backboneParameters(), 2)
                + " of the encoder, "
                + Figures.percent((double) data.adapterParameters() / data.bodyParameters(), 2)
                + " of its body; head "
                + Figures.brief(manifest.head().parameters())));
    tiles.add(
        tile(
            "budget used",
            Figures.percent(data.cost() / data.history().budget(), 1),
            Figures.brief(data.cost())
                + " of "
                + Figures.brief(data.history().budget())
                + " "
                + data.history().unit()));
    long points = manifest.structure().stream().map(entry -> entry.point()).distinct().count();
    tiles.add(
        tile(
            "insertion points",
            points + " of " + manifest.backbonePoints(),
            trunk(manifest.cost().trunkBlocks())));
    tiles.add(
        tile(
            "added work",
            Figures.brief(manifest.cost().flopsPerToken()),
            "operations per token, head included"));
    return Markup.element("div", tiles).withClass("tiles");
  }

  private static String trunk(int blocks) {
    return "trunk of "
        + blocks
        + (blocks == 1 ? " block" : " blocks")
        + ", shared with other tasks";
  }

  private static String gain(Outcome outcome) {
    return Double.isNaN(outcome.probe())
        ? "on " + outcome.devRows() + " rows"
        : String.format(
            Locale.ROOT,
            "linear probe %s; gain %s, on %d rows one deviation is %s",
            MeasureForm.value(outcome.metric(), outcome.probe()),
            MeasureForm.gain(outcome.metric(), outcome.gain()),
            outcome.devRows(),
            MeasureForm.deviation(outcome.metric(), outcome.deviation()));
  }

  private static ContainerTag<?> tile(String name, String value, String said) {
    return Markup.styled(
        "div",
        "tile",
        Markup.text("p", name).withClass("name"),
        Markup.text("p", value).withClass("value"),
        Markup.text("p", said).withClass("faint"));
  }

  /** What was found, each with cause and remedy. */
  static ContainerTag<?> findings(ReportData data) {
    List<Finding> findings = data.findings();
    ContainerTag<?> section =
        Markup.element("section", Markup.text("h2", "Diagnosis")).withClass("findings");
    if (findings.isEmpty()) {
      return section.with(
          Markup.text("p", data.history().searched() ? SOUND : SOUND_WITHOUT_SEARCH)
              .withClass("sound"));
    }
    for (Finding finding : findings) {
      section.with(
          Markup.styled(
              "div",
              "finding",
              Markup.text("h3", finding.title()),
              Markup.text("p", sentence(finding.evidence())),
              Markup.element(
                  "dl",
                  Markup.text("dt", "Likely cause"),
                  Markup.text("dd", sentence(finding.cause())),
                  Markup.text("dt", "What helps"),
                  Markup.text("dd", sentence(finding.remedy())))));
    }
    return section;
  }

  private static String sentence(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1) + ".";
  }

  private static String shortened(String text) {
    return text.length() <= 120 ? text : text.substring(0, 117) + "...";
  }
}
