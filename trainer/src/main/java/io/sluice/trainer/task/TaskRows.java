package io.sluice.trainer.task;

import io.sluice.trainer.model.EncodedRows;

/**
 * A set of examples as the backbone reads them; an example may be several rows.
 *
 * @param rows what is computed
 * @param judge what it is worth
 */
public record TaskRows(EncodedRows rows, Judge judge) {}
