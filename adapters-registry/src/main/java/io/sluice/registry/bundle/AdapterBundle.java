package io.sluice.registry.bundle;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.Digest;
import io.sluice.backbone.graph.Graph;
import java.util.Collections;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A trained task: which adapters sit where on which backbone, the head, and the proof of both.
 *
 * <p>Immutable and checked: whoever holds one holds an intact bundle whose graphs keep the ABI and
 * the operator allow-list and whose manifest tells the truth about its files. Made by {@link
 * BundleWriter} or {@link BundleReader} alone. Thread-safe.
 */
public final class AdapterBundle {
  private final Digest digest;
  private final Manifest manifest;
  private final SortedMap<Integer, Graph> points;
  private final Graph head;
  private final Probe probe;
  private final @Nullable BundleSignature signature;
  private final SortedMap<String, byte[]> entries;
  private final byte[] bytes;

  AdapterBundle(
      Digest digest,
      Manifest manifest,
      SortedMap<Integer, Graph> points,
      Graph head,
      Probe probe,
      @Nullable BundleSignature signature,
      SortedMap<String, byte[]> entries,
      byte[] bytes) {
    this.digest = digest;
    this.manifest = manifest;
    this.points = Collections.unmodifiableSortedMap(points);
    this.head = head;
    this.probe = probe;
    this.signature = signature;
    this.entries = entries;
    this.bytes = bytes;
  }

  /** What names this bundle: SHA-256 of its {@code SHA256SUMS}; the signature is not part of it. */
  public Digest digest() {
    return digest;
  }

  /** What the bundle says about itself. */
  public Manifest manifest() {
    return manifest;
  }

  /** The adapter subgraphs by insertion point, ascending; may be empty. See {@link AdapterAbi}. */
  public SortedMap<Integer, Graph> points() {
    return points;
  }

  /** The head. See {@link AdapterAbi}. */
  public Graph head() {
    return head;
  }

  /** Rows with the logits they must give. */
  public Probe probe() {
    return probe;
  }

  /** Names of the attachments for people that are there: {@code report.html}, a drawing. */
  public Set<String> attachmentNames() {
    Set<String> names = new TreeSet<>(entries.keySet());
    names.removeIf(name -> !BundleFormat.isAttachment(name));
    return names;
  }

  /** A copy of an attachment, or {@code null} when there is none of that name. */
  public byte @Nullable [] attachment(String name) {
    byte[] content = BundleFormat.isAttachment(name) ? entries.get(name) : null;
    return content == null ? null : content.clone();
  }

  /** The signature, verified against the key it carries, or {@code null} when unsigned. */
  public @Nullable BundleSignature signature() {
    return signature;
  }

  /** A copy of the file, {@link #sizeBytes()} long. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** Size of the file. */
  public int sizeBytes() {
    return bytes.length;
  }

  /**
   * Refuses any backbone but the one this bundle was trained on.
   *
   * @throws BackboneMismatchException when it is another one
   * @throws BundleCorruptException when the digest is right and the manifest's figures are not
   */
  public void requireBackbone(Backbone backbone) {
    requireBackbone(backbone.digest(), backbone.name());
    Place at = new Place(toString(), BundleFormat.MANIFEST);
    requireEqual("hidden_size", manifest.hiddenSize(), backbone.hiddenSize(), at);
    requireEqual("backbone_points", manifest.backbonePoints(), backbone.points(), at);
    if (manifest.maxTokens() > backbone.maxPositions()) {
      throw at.corrupt("max_tokens: " + manifest.maxTokens(), "at most " + backbone.maxPositions());
    }
  }

  /**
   * Refuses any backbone but the one this bundle was trained on, where only its digest is at hand.
   *
   * @param backbone digest of the backbone at hand
   * @param name its name, for the message
   * @throws BackboneMismatchException when it is another one
   */
  public void requireBackbone(Digest backbone, String name) {
    if (!manifest.backbone().equals(backbone)) {
      throw new BackboneMismatchException(digest, backbone, name, manifest);
    }
  }

  @Override
  public String toString() {
    return "bundle " + digest.shortForm();
  }

  private static void requireEqual(String what, int found, int expected, Place at) {
    if (found != expected) {
      throw at.corrupt(what + ": " + found, expected + ", as the backbone has");
    }
  }

  /** The file without a copy; for writing only. */
  byte[] sharedBytes() {
    return bytes;
  }

  byte[] sums() {
    return requireNonNull(entries.get(BundleFormat.SUMS));
  }

  /** A new map of the entries; the contents are shared. */
  SortedMap<String, byte[]> entries() {
    return new TreeMap<>(entries);
  }
}
