/**
 * What a classifier's answers are worth.
 *
 * <p>Starting points: {@link io.sluice.trainer.metric.Confusion} (counts, and every measure made
 * from them), {@link io.sluice.trainer.metric.Metric} (the one a run is chosen by). Immutable
 * values.
 */
@NullMarked
package io.sluice.trainer.metric;

import org.jspecify.annotations.NullMarked;
