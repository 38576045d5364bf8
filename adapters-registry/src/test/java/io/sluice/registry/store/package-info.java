@NullMarked
package io.sluice.registry.store;

import org.jspecify.annotations.NullMarked;
