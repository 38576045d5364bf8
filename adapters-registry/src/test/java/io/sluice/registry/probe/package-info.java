@NullMarked
package io.sluice.registry.probe;

import org.jspecify.annotations.NullMarked;
