/**
 * Memory of a GPU for tensors, through the C interfaces of ONNX Runtime and CUDA.
 *
 * <p>Starting point: {@link io.sluice.cuda.NativeMemoryProvider}, found as a service. The public
 * Java API of ONNX Runtime has tensors on direct buffers only; here device memory is made one by
 * the C API, and a Java tensor from its handle by reflection. On the processor the same code works
 * with memory from {@code aligned_alloc}: that is how it is tested where there is no GPU.
 */
@NullMarked
package io.sluice.cuda;

import org.jspecify.annotations.NullMarked;
