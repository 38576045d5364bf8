/**
 * The engine: rows of any tasks in one batch through the shared blocks of one backbone.
 *
 * <p>A <b>row</b> is one tokenised text asked of one task. The {@link
 * io.sluice.server.engine.Batcher} collects rows while the {@link
 * io.sluice.server.engine.BlockEngine} is busy; the engine runs each block once for all rows and
 * each task's adapters on that task's slice. {@link io.sluice.server.engine.LiveTasks} holds what
 * may be asked right now. Starting point: {@link io.sluice.server.engine.Engine}.
 *
 * <p>Threads: everything native is run by the engine threads; everything else is thread-safe.
 */
@NullMarked
package io.sluice.server.engine;

import org.jspecify.annotations.NullMarked;
