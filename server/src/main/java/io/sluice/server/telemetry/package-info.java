/**
 * What a running server tells about itself: metrics for Prometheus, a line a request in the log,
 * traces for OpenTelemetry.
 *
 * <p>Start at {@link io.sluice.server.telemetry.Telemetry}, which the ports take with them. A
 * request is followed from outside, by an interceptor around every service, so services and engine
 * know nothing of it; the engine says when it has answered. Everything is recorded before the reply
 * leaves, on the thread that sends it.
 */
@NullMarked
package io.sluice.server.telemetry;

import org.jspecify.annotations.NullMarked;
