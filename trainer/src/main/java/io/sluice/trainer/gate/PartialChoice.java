package io.sluice.trainer.gate;

import org.jspecify.annotations.Nullable;

/**
 * A choice among the candidates looked at so far.
 *
 * @param costs its cost by each constraint
 * @param value what it is worth
 * @param last number of the candidate chosen last, -1 for none
 * @param before the rest of it
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
record PartialChoice(long[] costs, double value, int last, @Nullable PartialChoice before) {}
