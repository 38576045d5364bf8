/**
 * Rows of text with labels: reading them, checking them, splitting them.
 *
 * <p>Starting points: {@link io.sluice.trainer.data.DatasetReader} (JSONL, CSV, TSV, gzip), {@link
 * io.sluice.trainer.data.Dataset}, {@link io.sluice.trainer.data.Split}. Everything here is plain
 * values on the heap; it knows nothing of models, tokens or gradients. Bad rows are reported all at
 * once, with their line numbers.
 */
@NullMarked
package io.sluice.trainer.data;

import org.jspecify.annotations.NullMarked;
