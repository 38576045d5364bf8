/**
 * Who may ask what, and how much: tokens with roles, TLS, limits of a client.
 *
 * <p>Starting points: {@link io.sluice.server.access.AccessSettings} is what an operator states,
 * {@link io.sluice.server.access.Access} what it becomes; a port takes a {@link
 * io.sluice.server.access.PortAccess} of it. Knows no service, no engine and no store. Files are
 * read on a thread of their own; event loops never wait for one.
 */
@NullMarked
package io.sluice.server.access;

import org.jspecify.annotations.NullMarked;
