/** Small real things for the server's tests: a backbone, bundles for it, a running server. */
@NullMarked
package io.sluice.server.testing;

import org.jspecify.annotations.NullMarked;
