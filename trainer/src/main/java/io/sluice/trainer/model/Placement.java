package io.sluice.trainer.model;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.graph.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Which insertion points of a backbone there are to choose from. */
public enum Placement {
  /** Behind every block, so two a layer: attention and feed-forward (Houlsby et al. 2019). */
  BLOCK_WISE {
    @Override
    public List<Integer> points(Backbone backbone) {
      return IntStream.rangeClosed(1, backbone.points()).boxed().toList();
    }
  },

  /**
   * Behind every layer, so one a layer (Pfeiffer et al. 2021; the gate a layer of Gong et al.
   * 2025). A layer ends before a block that attends, and at the end.
   */
  LAYER_WISE {
    @Override
    public List<Integer> points(Backbone backbone) {
      List<Integer> points = new ArrayList<>();
      for (int point = 1; point <= backbone.points(); point++) {
        if (point == backbone.points() || attends(backbone, point + 1)) {
          points.add(point);
        }
      }
      return points;
    }
  },

  /** Behind blocks that attend only. */
  ATTENTION {
    @Override
    public List<Integer> points(Backbone backbone) {
      return IntStream.rangeClosed(1, backbone.points())
          .filter(point -> attends(backbone, point))
          .boxed()
          .toList();
    }
  };

  /** The insertion points, ascending. */
  public abstract List<Integer> points(Backbone backbone);

  /** Its name, {@code block-wise}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static boolean attends(Backbone backbone, int block) {
    return backbone.block(block).nodes().stream().map(Node::op).anyMatch("Softmax"::equals);
  }
}
