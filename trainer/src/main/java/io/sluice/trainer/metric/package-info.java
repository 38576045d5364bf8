/**
 * What answers are worth.
 *
 * <p>Starting points: {@link io.sluice.trainer.metric.Evaluation} (answers against the truth, one
 * form a kind of task), {@link io.sluice.trainer.metric.Confusion}, {@link
 * io.sluice.trainer.metric.Metric} (the measure a run is chosen by). Immutable values.
 */
@NullMarked
package io.sluice.trainer.metric;

import org.jspecify.annotations.NullMarked;
