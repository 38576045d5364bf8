package io.sluice.registry.bundle;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Digest;
import io.sluice.backbone.precision.Precision;
import io.sluice.registry.answer.Decision;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a bundle says about itself: {@code manifest.json}. Immutable; a value that exists is valid.
 *
 * @param formatVersion version of the bundle format, {@link BundleFormat#VERSION}
 * @param kind what the task answers
 * @param labels distinct label names in the order of the logits; as many as {@code kind} asks
 * @param textFields names of the texts of a request, 1 or 2 (a pair)
 * @param maxTokens longest row in tokens, special tokens included; longer texts are truncated
 * @param pooling how the head pools; {@link Pooling#NONE} exactly for {@link TaskKind#ANSWER_SPAN}
 * @param temperature calibration: logits are divided by it before softmax or sigmoid; &gt; 0
 * @param threshold a best score below it means "no answer"; 0..1, {@code null} = always answer
 * @param backbone digest of the backbone this bundle was trained on; no other will do
 * @param backboneName that backbone's name, for people
 * @param backbonePoints its number of insertion points
 * @param hiddenSize its hidden size
 * @param structure what survived, by ascending point; empty = a head only
 * @param head what the head is
 * @param cost what all of it costs; must be what {@link Cost#of} gives
 * @param metrics dev-set figures by name, finite
 * @param provenance where it came from
 */
public record Manifest(
    int formatVersion,
    TaskKind kind,
    List<String> labels,
    List<String> textFields,
    int maxTokens,
    Pooling pooling,
    double temperature,
    @Nullable Double threshold,
    Digest backbone,
    String backboneName,
    int backbonePoints,
    int hiddenSize,
    List<PointEntry> structure,
    HeadEntry head,
    Cost cost,
    Map<String, Double> metrics,
    Provenance provenance) {
  /** The hyper-parameter that says which {@link Precision} a bundle was trained through. */
  public static final String PRECISION = "backbone_precision";

  private static final String STRIDE = "stride";
  private static final Pattern TOKENS = Pattern.compile("[1-9][0-9]{0,6}");

  /** Checks every field and copies the collections. */
  public Manifest {
    Checks.range("format_version", formatVersion, BundleFormat.VERSION, BundleFormat.VERSION);
    requireNonNull(kind, "kind");
    labels = Checks.distinctTexts("labels", labels);
    kind.requireLabelCount(labels.size());
    textFields = Checks.distinctTexts("text_fields", textFields);
    Checks.range("text_fields: count", textFields.size(), 1, 2);
    Checks.range("max_tokens", maxTokens, 1, 1 << 20);
    requireNonNull(pooling, "pooling");
    if ((pooling == Pooling.NONE) != kind.answersPerToken()) {
      throw new IllegalArgumentException(
          "pooling: "
              + pooling
              + " (expected: "
              + (kind.answersPerToken() ? "NONE" : "FIRST or MEAN")
              + " for "
              + kind
              + ")");
    }
    Checks.finite("temperature", temperature);
    if (temperature <= 0) {
      throw new IllegalArgumentException("temperature: " + temperature + " (expected: > 0)");
    }
    if (threshold != null && !(threshold >= 0 && threshold <= 1)) {
      throw new IllegalArgumentException("threshold: " + threshold + " (expected: 0..1)");
    }
    requireNonNull(backbone, "backbone");
    Checks.text("backbone_name", backboneName);
    Checks.range("backbone_points", backbonePoints, 1, BundleFormat.MAX_POINT);
    Checks.range("hidden_size", hiddenSize, 1, 1 << 16);
    structure = List.copyOf(requireNonNull(structure, "structure"));
    requireAscending(structure, backbonePoints);
    requireNonNull(head, "head");
    requireNonNull(cost, "cost");
    Cost counted = Cost.of(structure, head, backbonePoints);
    if (!cost.equals(counted)) {
      throw new IllegalArgumentException(
          "cost: " + cost + " (expected: " + counted + ", the sum of structure and head)");
    }
    metrics = sortedMetrics(metrics);
    requireNonNull(provenance, "provenance");
  }

  /** Number of numbers the head answers with per row, or per token for a span. */
  public int logits() {
    return kind.answersPerToken() ? kind.headOutputs() : labels.size();
  }

  /**
   * Tokens from the start of one window over a long text to the start of the next, as training laid
   * them: the hyper-parameter {@code stride}. {@code null}: half a window.
   */
  public @Nullable Integer stride() {
    String stated = provenance.hyperParameters().get(STRIDE);
    return stated != null && TOKENS.matcher(stated).matches() ? Integer.valueOf(stated) : null;
  }

  /** How its logits become an answer. */
  public Decision decision() {
    return new Decision(temperature, threshold);
  }

  /** What the backbone computed with when the bundle was trained and its probe was made. */
  public Precision precision() {
    return Precision.INT8.name().equals(provenance.hyperParameters().get(PRECISION))
        ? Precision.INT8
        : Precision.FP32;
  }

  /** The same of a bundle with other weights, on which nothing has been measured. */
  public Manifest unmeasured(Provenance from) {
    return new Manifest(
        formatVersion,
        kind,
        labels,
        textFields,
        maxTokens,
        pooling,
        temperature,
        threshold,
        backbone,
        backboneName,
        backbonePoints,
        hiddenSize,
        structure,
        head,
        cost,
        Map.of(),
        from);
  }

  private static void requireAscending(List<PointEntry> structure, int backbonePoints) {
    int last = 1;
    for (PointEntry entry : structure) {
      Checks.range("structure: point", entry.point(), last, backbonePoints);
      last = entry.point();
    }
  }

  private static SortedMap<String, Double> sortedMetrics(Map<String, Double> metrics) {
    SortedMap<String, Double> copy = new TreeMap<>(requireNonNull(metrics, "metrics"));
    copy.forEach(
        (name, value) -> {
          Checks.text("metrics", name);
          Checks.finite("metrics." + name, requireNonNull(value, "metrics"));
        });
    return Collections.unmodifiableSortedMap(copy);
  }
}
