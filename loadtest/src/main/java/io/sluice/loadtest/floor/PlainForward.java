package io.sluice.loadtest.floor;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.Encoding;
import io.sluice.backbone.form.ServingForm;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.registry.bundle.AdapterBundle;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * The untouched model with a task's head on it in one plain session, for batches of one length:
 * tensors on the host, made once. Confined to one thread.
 */
public final class PlainForward implements AutoCloseable {
  private final PlainModel model;
  private final int labels;

  /**
   * Compiles the model in the form in which encoders are served.
   *
   * @param bundle whose head it is
   */
  public PlainForward(
      Backbone backbone, AdapterBundle bundle, Precision precision, OnnxRuntime runtime) {
    this.labels = requireNonNull(bundle, "bundle").manifest().labels().size();
    this.model =
        PlainModel.alone(
            runtime,
            ServingForm.of(
                precision.apply(MergedGraph.untouched(backbone, bundle), backbone.ranges()),
                runtime.settings().device()),
            labels);
  }

  /** Batches of one size. */
  public final class Batch {
    private final PlainModel.Shape shape;
    private final int rows;

    private Batch(int rows, int tokens) {
      this.shape = model.shape(rows, tokens);
      this.rows = rows;
    }

    /** The logits of each row, copied out as a server does. */
    public float[][] run(List<Encoding> batch) {
      FloatBuffer logits = shape.run(batch);
      float[][] copied = new float[rows][labels];
      for (int row = 0; row < rows; row++) {
        logits.get(row * labels, copied[row]);
      }
      return copied;
    }
  }

  /** Memory for batches of so many rows, each of so many tokens; lives as long as this. */
  public Batch batch(int rows, int tokens) {
    return new Batch(rows, tokens);
  }

  @Override
  public void close() {
    model.close();
  }
}
