package io.sluice.server.access;

import static java.util.Objects.requireNonNull;

/**
 * What a known token allows.
 *
 * @param role what its bearer may do
 * @param name whose it is, for people, limits and logs
 */
record Grant(Role role, String name) {
  Grant {
    requireNonNull(role, "role");
    requireNonNull(name, "name");
  }
}
