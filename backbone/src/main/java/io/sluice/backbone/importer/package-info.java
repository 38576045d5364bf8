/**
 * Turns an exported encoder into one that can be cut: cleans the graph, finds the hidden flow, its
 * boundaries by dominators, and the context tensors, and makes every block self-contained.
 *
 * <p>Starting point: {@link io.sluice.backbone.importer.EncoderImport}. Everything is found from
 * the structure of the graph and from the shapes of a few runs; nothing here may know the name of
 * an architecture. Not concerned with files or tokenizers. All classes are confined to the thread
 * of one import.
 */
@NullMarked
package io.sluice.backbone.importer;

import org.jspecify.annotations.NullMarked;
