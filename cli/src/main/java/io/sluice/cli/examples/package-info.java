/**
 * The tasks that come with Sluice, so that a server answers at once.
 *
 * <p>Starting point: {@link io.sluice.cli.examples.ExampleTasks}. The bundles lie beside it as
 * resources; {@code examples} in the repository has their rows, the script that trains them, and
 * what is known of both. It knows the store, and nothing of servers.
 */
@NullMarked
package io.sluice.cli.examples;

import org.jspecify.annotations.NullMarked;
