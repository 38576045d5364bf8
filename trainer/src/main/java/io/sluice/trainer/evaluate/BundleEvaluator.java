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
import io.sluice.trainer.data.LabelledRows;
import io.sluice.trainer.metric.Evaluation;
import io.sluice.trainer.model.LikeLengths;
import io.sluice.trainer.task.ConfidenceSum;
import io.sluice.trainer.task.Judge;
import io.sluice.trainer.task.Reply;
import io.sluice.trainer.task.RowLimits;
import io.sluice.trainer.task.Task;
import io.sluice.trainer.task.TaskRows;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Answers labelled rows by a bundle's own graphs on its backbone, with the lengths, windows,
 * temperature and threshold of its manifest, and compares. Confined to one thread, whose
 * interruption ends it between two batches.
 */
public final class BundleEvaluator {
  /** Rows that are encoded, and whose logits are kept, at a time. */
  private static final int PART = 2048;

  /** Hears how far it has come, and what was said. */
  public interface Listener {
    /**
     * Some more rows are done.
     *
     * @param rows done so far
     * @param all there are
     */
    void answered(int rows, int all);

    /**
     * Some rows have their answers.
     *
     * @param rows those behind the ones before
     * @param replies what was said to each
     */
    default void replied(Dataset rows, List<Reply> replies) {}
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
   * Answers all rows, some thousands of them in memory at a time.
   *
   * @param rows read as the bundle's kind, with its labels only
   * @throws SluiceException {@code INVALID_ARGUMENT} when rows have not as many texts as the bundle
   *     asks for; {@code CANCELLED} when interrupted
   * @throws io.sluice.registry.bundle.BackboneMismatchException when the bundle is for another
   *     backbone
   */
  public BundleEvaluation evaluate(AdapterBundle bundle, LabelledRows rows, Listener listener) {
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
    try (BundleForward forward = new BundleForward(backbone, bundle, runtime);
        BackboneTokenizer tokenizer = new BackboneTokenizer(backbone.backbone())) {
      Parts parts = new Parts(manifest, rows, forward, tokenizer, listener);
      rows.inParts(PART, parts::answer);
      return parts.all();
    }
  }

  /** Answers one part after another and sums up. */
  private static final class Parts {
    private final Manifest manifest;
    private final Decision decision;
    private final RowLimits limits;
    private final Task task;
    private final LabelledRows rows;
    private final BundleForward forward;
    private final BackboneTokenizer tokenizer;
    private final Listener listener;
    private final ConfidenceSum confidence;
    private @Nullable Evaluation evaluation;
    private int done;
    private long truncated;

    Parts(
        Manifest manifest,
        LabelledRows rows,
        BundleForward forward,
        BackboneTokenizer tokenizer,
        Listener listener) {
      this.manifest = manifest;
      this.decision = manifest.decision();
      this.limits = new RowLimits(manifest.maxTokens(), manifest.stride());
      this.task = Task.of(manifest);
      this.rows = rows;
      this.forward = forward;
      this.tokenizer = tokenizer;
      this.listener = listener;
      this.confidence = new ConfidenceSum(decision);
    }

    void answer(Dataset part) {
      TaskRows asked = task.encode(part, tokenizer, limits);
      Judge judge = asked.judge();
      float[][] logits = logits(asked.rows().encodings(), part.size());
      Evaluation found = judge.evaluate(logits, decision);
      evaluation = evaluation == null ? found : evaluation.and(found);
      confidence.add(judge, logits);
      List<Reply> replies = judge.replies(logits, decision);
      truncated += replies.stream().filter(Reply::truncated).count();
      done += part.size();
      listener.replied(part, replies);
    }

    BundleEvaluation all() {
      return new BundleEvaluation(
          manifest,
          rows,
          requireNonNull(evaluation, "evaluation"),
          confidence.confidence(),
          truncated);
    }

    /** A passage is a row for each of its windows. */
    private float[][] logits(List<Encoding> encodings, int examples) {
      float[][] logits = new float[encodings.size()][];
      int[] lengths = encodings.stream().mapToInt(Encoding::length).toArray();
      int answered = 0;
      for (int[] batch : LikeLengths.batches(lengths, LikeLengths.BATCH_TOKENS)) {
        if (Thread.currentThread().isInterrupted()) {
          throw new SluiceException(
              ErrorCode.CANCELLED, "evaluation: interrupted (expected: run to its end)");
        }
        float[][] answers = forward.logits(IntStream.of(batch).mapToObj(encodings::get).toList());
        for (int i = 0; i < batch.length; i++) {
          logits[batch[i]] = answers[i];
        }
        answered += batch.length;
        long share = (long) examples * answered / logits.length;
        listener.answered(done + (int) share, rows.size());
      }
      return logits;
    }
  }
}
