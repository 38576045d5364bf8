/**
 * From texts to the rows a head reads, and from its logits to an answer: the rules that training,
 * evaluation and serving must share, or what is measured is not what is served.
 *
 * <p>Starting points: {@link io.sluice.registry.answer.SpanWindows}, a passage of any length as
 * rows; {@link io.sluice.registry.answer.SpanSearch}, the best span over them; {@link
 * io.sluice.registry.answer.ClassScores} and {@link io.sluice.registry.answer.LabelScores}, what
 * logits by label say under a {@link io.sluice.registry.answer.Decision}. Knows no wire message and
 * runs nothing. Everything here is immutable or stateless.
 */
@NullMarked
package io.sluice.registry.answer;

import org.jspecify.annotations.NullMarked;
