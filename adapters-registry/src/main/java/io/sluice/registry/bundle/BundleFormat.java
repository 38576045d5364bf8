package io.sluice.registry.bundle;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The bundle format, version 1. This page is its specification.
 *
 * <h2>Container</h2>
 *
 * A zip file in one fixed shape, so that the same content always gives the same bytes on every
 * machine, and nothing has to be inflated to be checked: entries sorted by name (ASCII order), each
 * <em>stored</em> (method 0), one after another from offset 0 without gaps, then the central
 * directory, then the end record; modification time 1980-01-01 00:00:00; no flags, no extra fields,
 * no comments, no data descriptors, no zip64, no encryption, nothing before or after. "Version made
 * by" and "version needed" are 10. A reader refuses any other shape, however valid a zip it is. Any
 * zip tool can list and unpack a bundle; {@code sha256sum -c SHA256SUMS} then checks it.
 *
 * <h2>Entries</h2>
 *
 * Only these names may occur; each at most once; all but those marked optional must.
 *
 * <table>
 * <caption>Entries of a bundle</caption>
 * <tr><th>name</th><th>content</th></tr>
 * <tr><td>{@code FORMAT}</td><td>ASCII {@code sluice-bundle 1\n}. Sorts first, so that a file's
 *   kind and version lie at offset 36 and are known before anything else is looked at, in this and
 *   in every later version</td></tr>
 * <tr><td>{@code SHA256SUMS}</td><td>ASCII; per entry but itself and the signature a line of 64
 *   lower-case hex digits, two spaces, the name, {@code \n}; sorted by name</td></tr>
 * <tr><td>{@code head.onnx}</td><td>the head, an ONNX model, see {@link AdapterAbi}</td></tr>
 * <tr><td>{@code manifest.json}</td><td>UTF-8 JSON object, see below</td></tr>
 * <tr><td>{@code points/NN.onnx}</td><td>the adapter at insertion point NN (two digits, three from
 *   100 on), an ONNX model, see {@link AdapterAbi}. As many as the structure names, maybe
 *   none</td></tr>
 * <tr><td>{@code probe.bin}</td><td>rows of tokens with the logits they must give, see {@link
 *   ProbeFormat}</td></tr>
 * <tr><td>{@code report.html}</td><td>optional; for people, never interpreted</td></tr>
 * <tr><td>{@code signature.ed25519}</td><td>optional; see {@link BundleSignature}</td></tr>
 * <tr><td>{@code structure.svg}</td><td>optional; for people, never interpreted</td></tr>
 * </table>
 *
 * <p>The <strong>digest of a bundle</strong> is the SHA-256 of the bytes of {@code SHA256SUMS}. It
 * covers everything but the signature: signing a bundle does not change what it is.
 *
 * <h2>manifest.json</h2>
 *
 * One object with exactly these keys; unknown, missing and duplicate keys are refused, and so are
 * numbers that are not finite. Digests are text, {@code sha256:} and 64 hex digits.
 *
 * <table>
 * <caption>Keys of the manifest</caption>
 * <tr><th>key</th><th>type</th><th>meaning</th></tr>
 * <tr><td>format_version</td><td>integer</td><td>1, as in {@code FORMAT}</td></tr>
 * <tr><td>kind</td><td>text</td><td>classify, multi_label, regress, answer_boolean or
 *   answer_span</td></tr>
 * <tr><td>labels</td><td>list of text</td><td>distinct, in the order of the logits</td></tr>
 * <tr><td>text_fields</td><td>list of text</td><td>1 or 2 distinct names</td></tr>
 * <tr><td>max_tokens</td><td>integer</td><td>tokens per row, special tokens included</td></tr>
 * <tr><td>pooling</td><td>text</td><td>first, mean, or none (answer_span)</td></tr>
 * <tr><td>temperature</td><td>number</td><td>&gt; 0; logits are divided by it</td></tr>
 * <tr><td>threshold</td><td>number or null</td><td>0..1; abstain below it; null = never</td></tr>
 * <tr><td>backbone</td><td>digest</td><td>of the backbone trained on</td></tr>
 * <tr><td>backbone_name</td><td>text</td><td>its name</td></tr>
 * <tr><td>backbone_points</td><td>integer</td><td>its number of insertion points</td></tr>
 * <tr><td>hidden_size</td><td>integer</td><td>its hidden size</td></tr>
 * <tr><td>structure</td><td>list</td><td>by ascending point, {@link PointEntry}: point, kind, rank,
 *   parameters, flops_per_token</td></tr>
 * <tr><td>head</td><td>object</td><td>{@link HeadEntry}: kind, parameters, flops_per_token,
 *   flops_per_row</td></tr>
 * <tr><td>cost</td><td>object</td><td>{@link Cost}: parameters, flops_per_token,
 *   trunk_blocks</td></tr>
 * <tr><td>metrics</td><td>object of numbers</td><td>dev-set figures by name</td></tr>
 * <tr><td>provenance</td><td>object</td><td>{@link Provenance}: data, seed, hyper_parameters,
 *   versions, jvm, os</td></tr>
 * </table>
 *
 * <p>Of the hyper-parameters one matters to whoever serves the bundle: {@code stride}, if it is a
 * number, is how many tokens lie between the starts of two windows over a passage that is too long
 * for one row ({@link Manifest#stride()}); without it, half a window does.
 *
 * <p>The points named by {@code structure} are those that have a file; parameters and FLOPs are
 * those {@link GraphCost} counts in the files.
 *
 * <h2>Graphs</h2>
 *
 * Self-contained ONNX models: only the operators of {@link OpAllowList}, no subgraphs, no external
 * data; inputs and outputs as {@link AdapterAbi} says.
 */
public final class BundleFormat {
  /** The version written. */
  public static final int VERSION = 1;

  /** The oldest version still read. */
  public static final int OLDEST_VERSION = 1;

  /** Usual extension of a bundle's file, dot included. */
  public static final String EXTENSION = ".sluice";

  static final String FORMAT = "FORMAT";
  static final String SUMS = "SHA256SUMS";
  static final String HEAD = "head.onnx";
  static final String MANIFEST = "manifest.json";
  static final String PROBE = "probe.bin";
  static final String REPORT = "report.html";
  static final String SIGNATURE = "signature.ed25519";
  static final String DRAWING = "structure.svg";

  static final int MAX_POINT = 999;
  static final int MAX_ENTRIES = MAX_POINT + 8;

  private static final Pattern POINT = Pattern.compile("points/(0[1-9]|[1-9][0-9]{1,2})\\.onnx");

  private BundleFormat() {}

  /** Name of the entry of the adapter at {@code point}. */
  static String pointEntry(int point) {
    return String.format(Locale.ROOT, "points/%02d.onnx", point);
  }

  /** The point of an entry named as {@link #pointEntry} does, 0 for any other entry. */
  static int pointOf(String entry) {
    return POINT.matcher(entry).matches()
        ? Integer.parseInt(entry.substring("points/".length(), entry.length() - ".onnx".length()))
        : 0;
  }

  static boolean isAttachment(String entry) {
    return entry.equals(REPORT) || entry.equals(DRAWING);
  }

  /** Most bytes the entry may have; 0 for a name that may not occur. */
  static long mostBytes(String entry, BundleLimits limits) {
    return switch (entry) {
      case FORMAT -> 64;
      case SIGNATURE -> BundleSignature.BYTES;
      case SUMS, MANIFEST -> limits.maxManifestBytes();
      case PROBE -> limits.maxProbeBytes();
      case REPORT, DRAWING -> limits.maxAttachmentBytes();
      case HEAD -> limits.maxGraphBytes();
      default -> pointOf(entry) > 0 ? limits.maxGraphBytes() : 0;
    };
  }
}
