@NullMarked
package io.sluice.backbone;

import org.jspecify.annotations.NullMarked;
