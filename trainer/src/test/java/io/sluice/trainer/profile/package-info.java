/** Tests of measured costs, and a table of round ones. */
@NullMarked
package io.sluice.trainer.profile;

import org.jspecify.annotations.NullMarked;
