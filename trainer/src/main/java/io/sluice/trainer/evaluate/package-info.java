/**
 * What a bundle reaches on labelled rows it was not trained on, answered as a server answers them.
 *
 * <p>Starting points: {@link io.sluice.trainer.evaluate.BundleEvaluator}, which runs the bundle's
 * own graphs; {@link io.sluice.trainer.evaluate.BundleEvaluation}, what comes out. It trains
 * nothing, and knows neither gates nor budgets.
 */
@NullMarked
package io.sluice.trainer.evaluate;

import org.jspecify.annotations.NullMarked;
