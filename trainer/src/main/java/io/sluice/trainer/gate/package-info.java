/**
 * Gates, the budget they are held to, and the choice of what survives.
 *
 * <p>Starting points: {@link io.sluice.trainer.gate.HardConcrete} (the distribution), {@link
 * io.sluice.trainer.gate.GateControl} (holds the expected cost to the budget at every step), {@link
 * io.sluice.trainer.gate.StructureChoice} (the final structure), {@link
 * io.sluice.trainer.gate.Budget}. A few hundred doubles in Java; no graph, no tensor. Mutable types
 * are confined to the training thread.
 *
 * <p>Names: {@code logAlpha} and the constants {@code beta (temperature), GAMMA, ZETA} are those of
 * Louizos et al. 2018; the shift is S3PET's (Hu et al. 2022).
 */
@NullMarked
package io.sluice.trainer.gate;

import org.jspecify.annotations.NullMarked;
