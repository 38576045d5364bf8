/** A small backbone and data for tests of the trainer; made in code, nothing on disk. */
@NullMarked
package io.sluice.trainer.testing;

import org.jspecify.annotations.NullMarked;
