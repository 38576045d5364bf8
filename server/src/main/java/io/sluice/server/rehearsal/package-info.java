/**
 * What a server does before it lets anybody in: it asks one of its own make, so that the JVM has
 * compiled the way of a request when the first one comes.
 *
 * <p>Starting point: {@link io.sluice.server.rehearsal.Rehearsal}.
 */
@NullMarked
package io.sluice.server.rehearsal;

import org.jspecify.annotations.NullMarked;
