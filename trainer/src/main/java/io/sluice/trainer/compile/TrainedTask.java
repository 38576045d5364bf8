package io.sluice.trainer.compile;

import io.sluice.backbone.Backbone;
import io.sluice.registry.answer.Decision;
import io.sluice.registry.bundle.Provenance;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.trainer.model.Candidate;
import io.sluice.trainer.model.ParameterLayout;
import io.sluice.trainer.model.TaskHead;
import java.util.List;
import java.util.Map;

/**
 * All that a bundle is made from.
 *
 * @param backbone what it was trained on
 * @param structure the survivors, in order of insertion point
 * @param head the head's form
 * @param layout places of the weights of structure and head
 * @param values the weights, gates folded; not copied, read only
 * @param kind what the task answers
 * @param labels label names in the order of the logits
 * @param decision how logits become an answer, or none
 * @param textFields names of the texts of a request
 * @param maxTokens longest row in tokens
 * @param metrics dev figures by name
 * @param provenance all that training was a function of
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on once; equality is not asked for.
public record TrainedTask(
    Backbone backbone,
    List<Candidate> structure,
    TaskHead head,
    ParameterLayout layout,
    float[] values,
    TaskKind kind,
    List<String> labels,
    Decision decision,
    List<String> textFields,
    int maxTokens,
    Map<String, Double> metrics,
    Provenance provenance) {}
