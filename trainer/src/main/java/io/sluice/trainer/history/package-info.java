/**
 * What happened in a training run, as values: gates, loss, budget and dev scores through its steps.
 *
 * <p>Starting points: {@link io.sluice.trainer.history.HistoryRecorder} (fed a step at a time, in
 * bounded memory), {@link io.sluice.trainer.history.RunHistory} (what it kept; reports and
 * diagnoses read it, checkpoints carry it). Nothing in it depends on the clock or the machine's
 * speed, as it goes into the bundle's digest. It knows no session and no file. Records are
 * immutable; the recorder is confined to the training thread.
 */
@NullMarked
package io.sluice.trainer.history;

import org.jspecify.annotations.NullMarked;
