@NullMarked
package io.sluice.loadtest;

import org.jspecify.annotations.NullMarked;
