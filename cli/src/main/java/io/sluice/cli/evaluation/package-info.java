/**
 * What an evaluated bundle looks like: tables for people, JSON for scripts.
 *
 * <p>Starting points: {@link io.sluice.cli.evaluation.EvaluationText}, {@link
 * io.sluice.cli.evaluation.EvaluationJson} and {@link io.sluice.cli.evaluation.EvaluationLines}.
 * Runs nothing. Stateless.
 */
@NullMarked
package io.sluice.cli.evaluation;

import org.jspecify.annotations.NullMarked;
