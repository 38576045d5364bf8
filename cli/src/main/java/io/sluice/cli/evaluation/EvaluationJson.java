package io.sluice.cli.evaluation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.Manifest;
import io.sluice.trainer.evaluate.BundleEvaluation;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.metric.LabelTally;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a bundle reaches as one JSON object of figures. Stateless. */
public final class EvaluationJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private EvaluationJson() {}

  /** The figures. */
  public static ObjectNode figures(AdapterBundle bundle, BundleEvaluation found) {
    Manifest manifest = bundle.manifest();
    ObjectNode json =
        JSON.objectNode()
            .put("bundle", bundle.digest().toString())
            .put("kind", manifest.kind().name().toLowerCase(Locale.ROOT))
            .put("source", found.rows().source())
            .put("data", found.rows().digest().toString())
            .put("rows", found.rows().size())
            .put("truncated", found.truncated());
    put(json.putObject("measures"), found.measures());
    put(json.putObject("dev_measures"), found.promised());
    List<LabelTally> byLabel = found.evaluation().byLabel();
    if (!byLabel.isEmpty()) {
      ArrayNode labels = json.putArray("labels");
      for (int label = 0; label < byLabel.size(); label++) {
        LabelTally tally = byLabel.get(label);
        labels
            .addObject()
            .put("label", manifest.labels().get(label))
            .put("rows", tally.rows())
            .put("precision", tally.precision())
            .put("recall", tally.recall())
            .put("f1", tally.f1());
      }
      ArrayNode mistakes = json.putArray("mistakes");
      for (Evaluation.Mistake mistake : found.evaluation().mistakes()) {
        mistakes
            .addObject()
            .put("truth", manifest.labels().get(mistake.truth()))
            .put("answer", manifest.labels().get(mistake.answer()))
            .put("rows", mistake.rows());
      }
    }
    return json;
  }

  private static void put(ObjectNode json, Map<String, Double> measures) {
    measures.forEach(json::put);
  }
}
