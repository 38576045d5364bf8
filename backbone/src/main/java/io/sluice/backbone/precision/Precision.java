package io.sluice.backbone.precision;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.form.ServingForm;
import io.sluice.backbone.graph.Graph;
import io.sluice.backbone.graph.Node;
import io.sluice.backbone.runtime.Device;
import java.util.function.Predicate;

/** The number format a backbone's large weights are computed with. */
public enum Precision {
  /** 32-bit floating point, as the weights are. */
  FP32 {
    @Override
    public Graph apply(Graph graph, ActivationRanges ranges, Predicate<Node> where) {
      return graph;
    }
  },
  /** 8-bit integers, see {@link Int8Linears}. */
  INT8 {
    @Override
    public Graph apply(Graph graph, ActivationRanges ranges, Predicate<Node> where) {
      return Int8Linears.of(graph, ranges, where);
    }
  },
  /** 16-bit floating point, for a GPU, see {@link HalfPrecision}. */
  FP16 {
    @Override
    public Graph apply(Graph graph, ActivationRanges ranges, Predicate<Node> where) {
      // First, so that the factor of attention is not rounded.
      return HalfPrecision.of(ServingForm.of(graph, Device.cuda(0)), where);
    }

    @Override
    public Graph applyToPrologue(Graph graph, ActivationRanges ranges) {
      return graph;
    }
  };

  /**
   * The graph in this format; the same inputs and outputs.
   *
   * @param ranges of the backbone that the graph is a part of
   */
  public Graph apply(Graph graph, ActivationRanges ranges) {
    return apply(graph, ranges, node -> true);
  }

  /** The graph with these of its nodes in this format; the same inputs and outputs. */
  public abstract Graph apply(Graph graph, ActivationRanges ranges, Predicate<Node> where);

  /**
   * The prologue of a backbone in this format: in 16 bits there is nothing to gain from it, and the
   * masks it makes would lose their range.
   */
  public Graph applyToPrologue(Graph graph, ActivationRanges ranges) {
    return apply(graph, ranges);
  }

  /**
   * Refuses a format that a device has no fast operators for.
   *
   * @throws SluiceException INVALID_ARGUMENT
   */
  public void requireOn(Device device) {
    Precision other = device.isCuda() ? INT8 : FP16;
    if (this == other) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "backbone precision: "
              + this
              + " on "
              + device.word()
              + " (expected: "
              + (device.isCuda() ? "FP32 or FP16; INT8" : "FP32 or INT8; FP16")
              + (device.isCuda() ? " is for the processor)" : " is for a GPU)"));
    }
  }
}
