/**
 * Several tasks over one text, against one task and against several requests.
 *
 * <p>Starting point: {@link io.sluice.loadtest.multi.MultiBenchmark}.
 */
@NullMarked
package io.sluice.loadtest.multi;

import org.jspecify.annotations.NullMarked;
