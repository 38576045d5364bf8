/**
 * What a bundle costs before it runs: counted from its graphs, priced by what was measured on a
 * machine.
 *
 * <p>Starting points: {@link io.sluice.registry.cost.CostTable}, the measured prices and their
 * file, and {@link io.sluice.registry.cost.BundleCost}. Measures nothing itself.
 */
@NullMarked
package io.sluice.registry.cost;

import org.jspecify.annotations.NullMarked;
