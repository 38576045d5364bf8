package io.sluice.trainer.task;

import org.jspecify.annotations.Nullable;

/**
 * How long rows may be.
 *
 * @param maxTokens longest row in tokens, special tokens included
 * @param stride tokens from the start of one window over a long text to the start of the next;
 *     {@code null}: half a window
 */
public record RowLimits(int maxTokens, @Nullable Integer stride) {}
