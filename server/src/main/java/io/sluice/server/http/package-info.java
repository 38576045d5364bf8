/**
 * What hosts the services: Armeria, on one port each time, with the same methods over gRPC and over
 * HTTP/JSON, errors of both told alike, and a page to try them. {@link
 * io.sluice.server.http.ServicePort} opens a port. Knows no engine and no store.
 */
@NullMarked
package io.sluice.server.http;

import org.jspecify.annotations.NullMarked;
