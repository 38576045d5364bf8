/**
 * Measures what blocks and adapters take on this machine: the prices of a latency budget.
 *
 * <p>Starting point: {@link io.sluice.trainer.profile.CostProfiler}; what it makes is a {@link
 * io.sluice.registry.cost.CostTable}. It knows adapters' graphs, but nothing of gates and budgets.
 */
@NullMarked
package io.sluice.trainer.profile;

import org.jspecify.annotations.NullMarked;
