package io.sluice.trainer;

import io.sluice.trainer.model.EncodedRows;

/** Train and dev rows as the backbone reads them, and how many labels there are. */
record TaskRows(EncodedRows train, EncodedRows dev, int labels) {}
