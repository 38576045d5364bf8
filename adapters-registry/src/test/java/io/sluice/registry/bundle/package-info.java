@NullMarked
package io.sluice.registry.bundle;

import org.jspecify.annotations.NullMarked;
