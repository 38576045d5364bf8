/**
 * The derivative of each ONNX operator as a vector-Jacobian product: one rule per operator or close
 * family.
 *
 * <p>Starting points: {@link io.sluice.trainer.autodiff.vjp.VjpRules} lists them all; a {@link
 * io.sluice.trainer.autodiff.vjp.VjpRule} reads one forward node through a {@link
 * io.sluice.trainer.autodiff.vjp.Vjp} and writes nodes through its {@link
 * io.sluice.trainer.autodiff.vjp.Emitter}. In every formula {@code g} is dL/dy, the gradient that
 * arrives at the output {@code y}.
 *
 * <p>Rules are stateless and know nothing of the graph around their node.
 */
@NullMarked
package io.sluice.trainer.autodiff.vjp;

import org.jspecify.annotations.NullMarked;
