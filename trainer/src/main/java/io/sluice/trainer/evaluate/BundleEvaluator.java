package io.sluice.trainer.evaluate;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.answer.Decision;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.Manifest;
import io.sluice.registry.probe.BundleForward;
import io.sluice.trainer.data.Dataset;
import io.sluice.trainer.model.LikeLengths;
import io.sluice.trainer.task.Confidence;
import io.sluice.trainer.task.RowLimits;
import io.sluice.trainer.task.Task;
import io.sluice.trainer.task.TaskRows;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Answers labelled rows by a bundle's own graphs on its backbone, with the lengths, windows,
 * temperature and threshold of its manifest, and compares. Confined to one thread, whose
 * interruption ends it between two batches.
 */
public final class BundleEvaluator {
  /** Hears how far it has come. */
  public interface Listener {
    /**
     * Some more rows are done.
     *
     * @param rows done so far; a passage is one for each window
     * @param all there are
     */
    void answered(int rows, int all);
  }

  private final BackboneSessions backbone;
  private final OnnxRuntime runtime;

  /**
   * @param backbone stays the caller's, and open
   */
  public BundleEvaluator(BackboneSessions backbone, OnnxRuntime runtime) {
    this.backbone = requireNonNull(backbone, "backbone");
    this.runtime = requireNonNull(runtime, "runtime");
  }

  /**
   * Answers all rows.
   *
   * @param rows read as the bundle's kind, with its labels only
   * @throws SluiceException {@code INVALID_ARGUMENT} when rows have not as many texts as the bundle
   *     asks for; {@code CANCELLED} when interrupted
   * @throws io.sluice.registry.bundle.BackboneMismatchException when the bundle is for another
   *     backbone
   */
  public BundleEvaluation evaluate(AdapterBundle bundle, Dataset rows, Listener listener) {
    Manifest manifest = bundle.manifest();
    if (rows.textFields().size() != manifest.textFields().size()) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          rows.source()
              + ": text fields: "
              + rows.textFields()
              + " (expected: "
              + manifest.textFields().size()
              + ", as "
              + manifest.textFields()
              + " of the bundle)");
    }
    Decision decision = manifest.decision();
    try (BundleForward forward = new BundleForward(backbone, bundle, runtime)) {
      TaskRows asked = encoded(manifest, rows);
      float[][] logits = logits(forward, asked.rows().encodings(), listener);
      return new BundleEvaluation(
          manifest,
          rows,
          asked.judge().evaluate(logits, decision),
          Confidence.at(decision, asked.judge(), logits),
          asked.judge().replies(logits, decision));
    }
  }

  private TaskRows encoded(Manifest manifest, Dataset rows) {
    RowLimits limits = new RowLimits(manifest.maxTokens(), manifest.stride());
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(backbone.backbone())) {
      return Task.of(manifest).encode(rows, tokenizer, limits);
    }
  }

  private static float[][] logits(
      BundleForward forward, List<Encoding> encodings, Listener listener) {
    float[][] logits = new float[encodings.size()][];
    int[] lengths = encodings.stream().mapToInt(Encoding::length).toArray();
    int done = 0;
    for (int[] batch : LikeLengths.batches(lengths, LikeLengths.BATCH_TOKENS)) {
      if (Thread.currentThread().isInterrupted()) {
        throw new SluiceException(
            ErrorCode.CANCELLED, "evaluation: interrupted (expected: run to its end)");
      }
      float[][] answers = forward.logits(IntStream.of(batch).mapToObj(encodings::get).toList());
      for (int i = 0; i < batch.length; i++) {
        logits[batch[i]] = answers[i];
      }
      done += batch.length;
      listener.answered(done, logits.length);
    }
    return logits;
  }
}
