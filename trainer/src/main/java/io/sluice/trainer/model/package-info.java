/**
 * The model that is trained: candidates, their weights in one flat array, the graphs and sessions
 * over them, the batches that feed them.
 *
 * <p>Starting points: {@link io.sluice.trainer.model.SearchSpace}, {@link
 * io.sluice.trainer.model.AdaptedGraphs} (from backbone pieces to graphs), {@link
 * io.sluice.trainer.model.TrainingSession}, {@link io.sluice.trainer.model.ForwardSession}, {@link
 * io.sluice.trainer.model.TrunkCache} (what is below all that learns, computed once), {@link
 * io.sluice.trainer.model.LinearProbe}. It knows neither budgets nor schedules. Sessions are
 * confined to the training thread.
 */
@NullMarked
package io.sluice.trainer.model;

import org.jspecify.annotations.NullMarked;
