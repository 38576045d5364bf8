/**
 * Learns where on a frozen backbone a task needs adapters, and compiles what survives.
 *
 * <p>Starting points: {@link io.sluice.trainer.Trainer} (one run, start to bundle), {@link
 * io.sluice.trainer.TrainSettings}, {@link io.sluice.trainer.ProgressListener}. A run is {@code
 * RunPreparation}, {@code StructureSearch}, {@code FineTuning} and {@code RunEnd}, one after the
 * other; {@code SweepRun} goes round the last three at each budget; {@code FullTuning} is the other
 * way, without a structure. Data flow: rows ({@code .data}) are tokenised and batched; a graph of
 * backbone, gated candidates, head and loss ({@code .model}) gets its gradients from {@code
 * .autodiff}; gates are held to the budget in {@code .gate}; {@code .optim} moves the weights;
 * {@code .compile} writes the bundle. It knows nothing of servers and prints nothing.
 */
@NullMarked
package io.sluice.trainer;

import org.jspecify.annotations.NullMarked;
