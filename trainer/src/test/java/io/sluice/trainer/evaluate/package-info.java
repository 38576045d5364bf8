@NullMarked
package io.sluice.trainer.evaluate;

import org.jspecify.annotations.NullMarked;
