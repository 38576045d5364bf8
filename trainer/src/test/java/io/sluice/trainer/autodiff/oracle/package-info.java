/** A whole encoder written once and differentiated twice: by our rules and by libtorch. */
@NullMarked
package io.sluice.trainer.autodiff.oracle;

import org.jspecify.annotations.NullMarked;
