/**
 * What a run goes on from after it was stopped, on disk in such a way that no crash loses more than
 * the steps since the last checkpoint.
 *
 * <p>Starting points: {@link io.sluice.trainer.checkpoint.Checkpoints}, {@link
 * io.sluice.trainer.checkpoint.CheckpointFolder}. Knows nothing of training: a checkpoint is named
 * arrays. Confined to the training thread.
 */
@NullMarked
package io.sluice.trainer.checkpoint;

import org.jspecify.annotations.NullMarked;
