/**
 * Reverse mode over ONNX graphs: from a scalar loss backwards, gradient nodes made of stock
 * operators only.
 *
 * <p>Starting points: {@link io.sluice.trainer.autodiff.Backward} appends the gradients of a loss
 * to a graph under construction; {@link io.sluice.trainer.autodiff.TensorFacts} finds the ranks and
 * sizes it needs by running the forward graph; {@link io.sluice.trainer.autodiff.ForwardFusion}
 * shortens a forward graph before it is differentiated. The rules, one per operator, are in {@code
 * vjp}.
 *
 * <p>Knows nothing of adapters, gates or tasks. Everything here is confined to the calling thread.
 */
@NullMarked
package io.sluice.trainer.autodiff;

import org.jspecify.annotations.NullMarked;
