/**
 * What blocks and adapters take on this machine, measured once and kept as a file: the prices of a
 * latency budget.
 *
 * <p>Starting points: {@link io.sluice.trainer.profile.CostProfiler} measures, {@link
 * io.sluice.registry.cost.CostTable} is the result and its file. It knows adapters' graphs, but
 * nothing of gates and budgets.
 */
@NullMarked
package io.sluice.trainer.profile;

import org.jspecify.annotations.NullMarked;
