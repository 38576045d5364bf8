/**
 * What a device makes of the training step: its time, its error against the processor, and the
 * operators it is made of.
 *
 * <p>Starting points: {@link io.sluice.trainer.device.TrainingStep}, {@link
 * io.sluice.trainer.device.StepRate}, {@link io.sluice.trainer.device.StepError}, {@link
 * io.sluice.trainer.device.OperatorTimes}. It measures on made-up rows and trains nothing.
 */
@NullMarked
package io.sluice.trainer.device;

import org.jspecify.annotations.NullMarked;
