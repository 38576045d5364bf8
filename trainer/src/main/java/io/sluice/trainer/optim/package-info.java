/**
 * Optimisers over flat arrays, gradient clipping and the learning rate's course.
 *
 * <p>Starting points: {@link io.sluice.trainer.optim.AdamW}, {@link
 * io.sluice.trainer.optim.LearningRate}. Plain Java on the heap; confined to the training thread.
 */
@NullMarked
package io.sluice.trainer.optim;

import org.jspecify.annotations.NullMarked;
