package io.sluice.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.NullMarked;

/**
 * What the operators mean: each computed by Java on the processor, in double, and one that fails.
 * Stateless.
 */
@NullMarked
final class HostKernels {
  private HostKernels() {}

  static List<Kernel> all() {
    return List.of(
        new Kernel("GeluGradient", 2, (in, shapes, out, stream) -> gelu(in, shapes, out)),
        new Kernel("BiasGeluGradient", 3, (in, shapes, out, stream) -> gelu(in, shapes, out)),
        new Kernel("AddBias", 3, (in, shapes, out, stream) -> sum(in, shapes, out.get(0))),
        new Kernel(
            "AddBiasLayerNorm",
            6,
            4,
            1,
            Kernel.NORM,
            (in, shapes, out, stream) -> normal(in, shapes, out)),
        new Kernel("LayerNormGradient", 5, (in, shapes, out, stream) -> norm(in, shapes, out)),
        new Kernel("MaskedSoftmax", 2, (in, shapes, out, stream) -> shares(in, shapes, out)),
        new Kernel("SoftmaxGradient", 2, (in, shapes, out, stream) -> softmax(in, shapes, out)),
        new Kernel(
            "ColumnSum",
            1,
            1,
            1,
            Kernel.LAST_AXIS,
            (in, shapes, out, stream) -> columns(in, shapes, out)),
        Kernel.splitPieces((in, shapes, out, stream) -> pieces(in, shapes, out)),
        Kernel.joinPieces((in, shapes, out, stream) -> together(in, shapes, out)),
        new Kernel(
            "SplitHeads",
            2,
            3,
            2,
            Kernel.HEADS,
            (in, shapes, out, stream) -> {
              long[] bias = shapes.get(1);
              long[] of = shapes.get(0);
              heads(in, out, of[0], of[1], bias[1], bias[2], true);
            }),
        new Kernel(
            "JoinHeads",
            3,
            1,
            1,
            Kernel.SIDE_BY_SIDE,
            (in, shapes, out, stream) -> {
              long[] of = shapes.get(0);
              heads(in, out, of[0], of[2], of[1], of[3], false);
            }),
        new Kernel(
            "Failing",
            1,
            (in, shapes, out, stream) -> {
              throw new IllegalStateException("out of luck");
            }));
  }

  private static long last(List<long[]> shapes) {
    return shapes.get(0)[shapes.get(0).length - 1];
  }

  private static void gelu(List<MemorySegment> in, List<long[]> shapes, List<MemorySegment> out) {
    long count = OrtKernelCalls.elements(shapes.get(0));
    long columns = last(shapes);
    for (long i = 0; i < count; i++) {
      double u = at(in, 1, i, count);
      if (in.size() == 3) {
        u += at(in, 2, i % columns, columns);
      }
      double slope = normal(u) + u * Math.exp(-u * u / 2) / Math.sqrt(2 * Math.PI);
      put(out.get(0), i, count, at(in, 0, i, count) * slope);
    }
  }

  private static void sum(List<MemorySegment> in, List<long[]> shapes, MemorySegment out) {
    long count = OrtKernelCalls.elements(shapes.get(0));
    long columns = last(shapes);
    for (long i = 0; i < count; i++) {
      double bias = at(in, 2, i % columns, columns);
      put(out, i, count, at(in, 0, i, count) + at(in, 1, i, count) + bias);
    }
  }

  private static void normal(List<MemorySegment> in, List<long[]> shapes, List<MemorySegment> out) {
    sum(in, shapes, out.get(3));
    long count = OrtKernelCalls.elements(shapes.get(0));
    long columns = last(shapes);
    long rows = count / columns;
    for (long row = 0; row < rows; row++) {
      double mean = 0;
      double square = 0;
      for (long i = row * columns; i < (row + 1) * columns; i++) {
        mean += at(out, 3, i, count) / columns;
      }
      for (long i = row * columns; i < (row + 1) * columns; i++) {
        square += Math.pow(at(out, 3, i, count) - mean, 2) / columns;
      }
      double inverse = 1 / Math.sqrt(square + at(in, 5, 0, 1));
      put(out.get(1), row, rows, mean);
      put(out.get(2), row, rows, inverse);
      for (long i = row * columns; i < (row + 1) * columns; i++) {
        double n = (at(out, 3, i, count) - mean) * inverse;
        long column = i - row * columns;
        put(out.get(0), i, count, n * at(in, 3, column, columns) + at(in, 4, column, columns));
      }
    }
  }

  private static void norm(List<MemorySegment> in, List<long[]> shapes, List<MemorySegment> out) {
    long count = OrtKernelCalls.elements(shapes.get(0));
    long columns = last(shapes);
    long rows = count / columns;
    for (long row = 0; row < rows; row++) {
      double mean = at(in, 3, row, rows);
      double inverse = at(in, 4, row, rows);
      double level = 0;
      double slope = 0;
      for (long i = row * columns; i < (row + 1) * columns; i++) {
        double h = at(in, 0, i, count) * at(in, 2, i - row * columns, columns);
        level += h / columns;
        slope += h * (at(in, 1, i, count) - mean) * inverse / columns;
      }
      for (long i = row * columns; i < (row + 1) * columns; i++) {
        double h = at(in, 0, i, count) * at(in, 2, i - row * columns, columns);
        double n = (at(in, 1, i, count) - mean) * inverse;
        put(out.get(0), i, count, inverse * (h - level - n * slope));
      }
    }
  }

  private static void shares(List<MemorySegment> in, List<long[]> shapes, List<MemorySegment> out) {
    long count = OrtKernelCalls.elements(shapes.get(0));
    long columns = last(shapes);
    long masks = shapes.get(0)[0] * columns;
    long same = count / shapes.get(0)[0];
    for (long row = 0; row < count; row += columns) {
      double sum = 0;
      for (long i = row; i < row + columns; i++) {
        sum += Math.exp(at(in, 0, i, count) + at(in, 1, row / same * columns + i - row, masks));
      }
      for (long i = row; i < row + columns; i++) {
        double mask = at(in, 1, row / same * columns + i - row, masks);
        put(out.get(0), i, count, Math.exp(at(in, 0, i, count) + mask) / sum);
      }
    }
  }

  private static void softmax(
      List<MemorySegment> in, List<long[]> shapes, List<MemorySegment> out) {
    long count = OrtKernelCalls.elements(shapes.get(0));
    long columns = last(shapes);
    for (long row = 0; row < count; row += columns) {
      double sum = 0;
      for (long i = row; i < row + columns; i++) {
        sum += at(in, 0, i, count) * at(in, 1, i, count);
      }
      for (long i = row; i < row + columns; i++) {
        put(out.get(0), i, count, at(in, 1, i, count) * (at(in, 0, i, count) - sum));
      }
    }
  }

  private static void pieces(List<MemorySegment> in, List<long[]> shapes, List<MemorySegment> out) {
    long total = OrtKernelCalls.elements(shapes.get(0));
    long at = 0;
    for (int piece = 0; piece < out.size(); piece++) {
      long count = OrtKernelCalls.elements(Kernel.pieces(shapes, in).get(piece));
      for (long i = 0; i < count; i++) {
        put(out.get(piece), i, count, at(in, 0, at++, total));
      }
    }
  }

  private static void together(
      List<MemorySegment> in, List<long[]> shapes, List<MemorySegment> out) {
    long total = shapes.stream().mapToLong(OrtKernelCalls::elements).sum();
    long at = 0;
    for (int piece = 0; piece < in.size(); piece++) {
      long count = OrtKernelCalls.elements(shapes.get(piece));
      for (long i = 0; i < count; i++) {
        put(out.get(0), at++, total, at(in, piece, i, count));
      }
    }
  }

  /** (batch, tokens, 3 heads size) taken apart, with a bias, or put together. */
  private static void heads(
      List<MemorySegment> in,
      List<MemorySegment> out,
      long sequences,
      long tokens,
      long heads,
      long size,
      boolean apart) {
    long wide = 3 * heads * size;
    long each = sequences * tokens * heads * size;
    for (long i = 0; i < sequences * tokens * wide; i++) {
      long token = i / wide % tokens;
      int part = (int) (i % wide / (heads * size));
      long head = i / wide / tokens * heads + i % (heads * size) / size;
      long number = i % size;
      long place =
          part < 2
              ? (head * tokens + token) * size + number
              : (head * size + number) * tokens + token;
      if (apart) {
        double value = at(in, 0, i, 3 * each) + at(in, 1, i % wide, wide);
        put(out.get(part), place, each, value);
      } else {
        put(out.get(0), i, 3 * each, at(in, part, place, each));
      }
    }
  }

  private static void columns(
      List<MemorySegment> in, List<long[]> shapes, List<MemorySegment> out) {
    long count = OrtKernelCalls.elements(shapes.get(0));
    long columns = last(shapes);
    for (long column = 0; column < columns; column++) {
      double sum = 0;
      for (long i = column; i < count; i += columns) {
        sum += at(in, 0, i, count);
      }
      put(out.get(0), column, columns, sum);
    }
  }

  /** The normal distribution, by Simpson's rule from 0 on. */
  private static double normal(double u) {
    int steps = 400;
    double step = u / steps;
    double sum = 0;
    for (int i = 0; i <= steps; i++) {
      double x = i * step;
      sum += (i == 0 || i == steps ? 1 : i % 2 == 0 ? 2 : 4) * Math.exp(-x * x / 2);
    }
    return 0.5 + sum * step / 3 / Math.sqrt(2 * Math.PI);
  }

  @SuppressWarnings("restricted") // memory of ONNX Runtime
  private static double at(List<MemorySegment> in, int input, long index, long count) {
    return in.get(input).reinterpret(count * Float.BYTES).getAtIndex(JAVA_FLOAT, index);
  }

  @SuppressWarnings("restricted") // memory of ONNX Runtime
  private static void put(MemorySegment out, long index, long count, double value) {
    out.reinterpret(count * Float.BYTES).setAtIndex(JAVA_FLOAT, index, (float) value);
  }
}
