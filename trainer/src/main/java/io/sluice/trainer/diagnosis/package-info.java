/**
 * What went wrong in a run, told from its history: each finding with its evidence, likely cause and
 * remedy.
 *
 * <p>Starting points: {@link io.sluice.trainer.diagnosis.Diagnosis} (all checks over one run),
 * {@link io.sluice.trainer.diagnosis.Finding} (the closed family of what can be found; each record
 * states its thresholds and why they are what they are). Pure functions of {@link
 * io.sluice.trainer.history.RunHistory} and a few figures; nothing here depends on the clock.
 */
@NullMarked
package io.sluice.trainer.diagnosis;

import org.jspecify.annotations.NullMarked;
