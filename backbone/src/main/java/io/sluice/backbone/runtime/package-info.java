/**
 * The one place over ONNX Runtime: sessions, tensors on caller-owned memory, and an orderly end.
 *
 * <p>Starting points: {@link io.sluice.backbone.runtime.OnnxRuntime}, {@link
 * io.sluice.backbone.runtime.OnnxSession}, {@link io.sluice.backbone.runtime.HostTensor}. All
 * sessions of the process share one thread pool. Everything that holds native memory is {@link
 * AutoCloseable} and counted ({@link io.sluice.backbone.runtime.OnnxRuntime#openHandles()}). A
 * process must {@linkplain io.sluice.backbone.runtime.OnnxRuntime#quiesce quiesce} before its JVM
 * goes down.
 */
@NullMarked
package io.sluice.backbone.runtime;

import org.jspecify.annotations.NullMarked;
