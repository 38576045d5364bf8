package io.sluice.trainer.autodiff.vjp;

import io.sluice.backbone.graph.DataType;
import java.util.List;
import java.util.stream.IntStream;

/**
 * y = a reduction of x over axes (attribute or input by opset; none means all, or nothing to do
 * with {@code noop_with_empty_axes}). The gradient of y, its lost axes put back as ones, is
 * repeated up to the shape of x:
 *
 * <ul>
 *   <li>sum: dx = g
 *   <li>mean: dx = g / n, n the count of elements behind each y
 *   <li>max, min: dx = g where x = y, shared evenly among ties, else 0
 *   <li>log-sum-exp: dx = g exp(x - y)
 *   <li>sum of squares: dx = 2 g x
 *   <li>Euclidean norm: dx = g x / y
 * </ul>
 */
enum ReduceRule implements VjpRule {
  SUM {
    @Override
    String dx(Emitter e, Reduction r) {
      return e.expandLike(r.g, r.x, r.fact);
    }
  },
  MEAN {
    @Override
    String dx(Emitter e, Reduction r) {
      return e.expandLike(mean(e, r), r.x, r.fact);
    }
  },
  EXTREMUM {
    @Override
    String dx(Emitter e, Reduction r) {
      String hits = e.cast(e.op("Equal", r.x, r.y), r.fact.type());
      return e.mul(e.div(r.g, e.reduceSum(hits, r.axes, true)), hits);
    }
  },
  LOG_SUM_EXP {
    @Override
    String dx(Emitter e, Reduction r) {
      return e.mul(r.g, e.op("Exp", e.sub(r.x, r.y)));
    }
  },
  SUM_SQUARE {
    @Override
    String dx(Emitter e, Reduction r) {
      return e.mul(e.scale(r.g, 2, r.fact.type()), r.x);
    }
  },
  NORM {
    @Override
    String dx(Emitter e, Reduction r) {
      return e.mul(e.div(r.g, r.y), r.x);
    }
  };

  /** What a derivative is made of: g and y have ones where x was reduced. */
  private record Reduction(String x, TensorFact fact, String y, String g, List<Integer> axes) {}

  abstract String dx(Emitter e, Reduction r);

  @Override
  public void emit(Vjp v) {
    TensorFact fact = v.factIn(0);
    List<Long> given = v.axes(1);
    if (given == null) {
      given = List.of();
    }
    boolean none = given.isEmpty();
    if (none && v.node().intAttribute("noop_with_empty_axes", 0) != 0) {
      if (this != SUM && this != MEAN) {
        throw v.failure("noop_with_empty_axes without axes");
      }
      v.give(0, v.grad());
      return;
    }
    List<Integer> axes =
        none
            ? IntStream.range(0, fact.rank()).boxed().toList()
            : given.stream().map(fact::axis).sorted().toList();
    boolean kept = v.node().intAttribute("keepdims", 1) != 0;
    String g = kept ? v.grad() : v.emit().unsqueeze(v.grad(), axes);
    boolean readsResult = this == EXTREMUM || this == LOG_SUM_EXP || this == NORM;
    String y = kept || !readsResult ? v.out(0) : v.emit().unsqueeze(v.out(0), axes);
    v.give(0, dx(v.emit(), new Reduction(v.in(0), fact, y, g, axes)));
  }

  private static String mean(Emitter e, Reduction r) {
    DataType type = r.fact.type();
    long known = 1;
    String count = null;
    for (int axis : r.axes) {
      if (r.fact.dim(axis).isKnown()) {
        known *= r.fact.dim(axis).size();
      } else {
        String length = e.cast(e.lengthOf(r.x, r.fact, axis), type);
        count = count == null ? length : e.mul(count, length);
      }
    }
    String g = e.scale(r.g, 1.0 / known, type);
    // The count is a vector of one element, which would give a scalar an axis.
    return count == null ? g : e.div(g, r.fact.rank() == 0 ? e.squeeze(count, List.of(0)) : count);
  }
}
