/**
 * A run on disk: its configuration, a line of figures for every step, its checkpoints and what came
 * of it.
 *
 * <p>Starting points: {@link io.sluice.trainer.run.RunFolder}, {@link
 * io.sluice.trainer.run.MetricsLog}. Listens to the trainer, which knows nothing of it. Confined to
 * the training thread.
 */
@NullMarked
package io.sluice.trainer.run;

import org.jspecify.annotations.NullMarked;
