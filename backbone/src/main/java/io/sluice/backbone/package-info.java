/**
 * The frozen encoder that all tasks share: its import, its parts, its tokenizer, its files.
 *
 * <p>Starting points: {@link io.sluice.backbone.BackboneImporter} and {@link
 * io.sluice.backbone.BackboneFormat} give a {@link io.sluice.backbone.Backbone}, {@link
 * io.sluice.backbone.BackboneSessions} compiles it, {@link io.sluice.backbone.BackboneTokenizer}
 * feeds it, {@link io.sluice.backbone.SluiceMini} is the one that comes along. {@link
 * io.sluice.backbone.SluiceException} is what every module reports to users with. Knows nothing of
 * adapters, tasks or requests. Values are immutable; what holds native memory is {@link
 * AutoCloseable} and thread-safe.
 */
@NullMarked
package io.sluice.backbone;

import org.jspecify.annotations.NullMarked;
