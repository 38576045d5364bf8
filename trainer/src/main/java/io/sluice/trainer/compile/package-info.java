/**
 * From trained weights to a bundle: survivors as static subgraphs, the head, probe rows, manifest.
 *
 * <p>Starting points: {@link io.sluice.trainer.compile.BundleCompiler}, {@link
 * io.sluice.trainer.compile.TrainedTask}. Nothing leaves here that does not answer, run the way it
 * is served, as it did when it was trained. It knows nothing of how the weights came to be.
 */
@NullMarked
package io.sluice.trainer.compile;

import org.jspecify.annotations.NullMarked;
