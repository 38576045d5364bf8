/** Tests of kinds of task against figures worked out by hand. */
@NullMarked
package io.sluice.trainer.task;

import org.jspecify.annotations.NullMarked;
