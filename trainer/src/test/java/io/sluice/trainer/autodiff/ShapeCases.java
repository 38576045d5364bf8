package io.sluice.trainer.autodiff;

import io.sluice.backbone.graph.TensorData;
import java.util.List;

/** Cases of the rules that move elements and leave them as they are. */
final class ShapeCases {
  private ShapeCases() {}

  static void addTo(List<RuleCase> cases) {
    gathers(cases);
    shapes(cases);
    slices(cases);
  }

  private static void gathers(List<RuleCase> cases) {
    String index = "Gather ";
    for (int axis = 0; axis < 3; axis++) {
      long at = axis;
      cases.add(
          RuleCase.of(
              index + "rows along " + axis,
              c -> {
                String rows = c.fixed(TensorData.longs(new long[] {1, 0, 1, -1}, 2, 2));
                c.y(c.op("Gather", List.of(c.x(3, 2, 4), rows), "axis", at));
              }));
      for (long position : new long[] {0, 1, -1, -2}) {
        cases.add(
            RuleCase.of(
                index + "position " + position + " of known axis " + axis,
                c ->
                    c.y(
                        c.op(
                            "Gather",
                            List.of(c.x(2, 3, 2), c.b.constant(TensorData.scalar(position))),
                            "axis",
                            at))));
      }
    }
    cases.add(
        RuleCase.of(
            index + "first token",
            c ->
                c.y(
                    c.op(
                        "Gather",
                        List.of(c.x("batch", "seq", 4), c.b.constant(TensorData.scalar(0L))),
                        "axis",
                        1))));
    cases.add(
        RuleCase.of(
            index + "last token, kept",
            c -> c.y(c.op("Gather", List.of(c.x("batch", "seq", 4), c.e.longs(-1L)), "axis", 1))));
    cases.add(
        RuleCase.of(
            index + "one position by a matrix of one",
            c -> {
              String one = c.b.constant(TensorData.longs(new long[] {1}, 1, 1));
              c.y(c.op("Gather", List.of(c.x("batch", 3, 4), one), "axis", 1));
            }));
    cases.add(
        RuleCase.of(
            "GatherElements",
            c -> {
              String picked = c.fixed(TensorData.longs(new long[] {1, 0, 1, 2, 2, 2}, 2, 3));
              c.y(c.op("GatherElements", List.of(c.x(2, 3), picked), "axis", 1));
            }));
    cases.add(
        RuleCase.of(
            "GatherND",
            c -> {
              String tuples = c.fixed(TensorData.longs(new long[] {1, 0, 0, 1, 1, 0}, 3, 2));
              c.y(c.op("GatherND", c.x(2, 2, 3), tuples));
            }));
  }

  private static void shapes(List<RuleCase> cases) {
    cases.add(
        RuleCase.of("Transpose reversed", c -> c.y(c.op("Transpose", c.x("batch", "seq", 2)))));
    cases.add(
        RuleCase.of(
            "Transpose heads",
            c ->
                c.y(
                    c.op(
                        "Transpose",
                        List.of(c.x("batch", "seq", 2, 3)),
                        "perm",
                        new long[] {0, 2, 3, 1}))));
    cases.add(
        RuleCase.of(
            "Reshape into heads",
            c -> c.y(c.op("Reshape", c.x("batch", "seq", 6), c.e.longs(0, 0, 2, 3)))));
    cases.add(
        RuleCase.of(
            "Reshape to rows",
            c -> c.y(c.op("Reshape", c.x("batch", "seq", 6), c.e.longs(-1, 6)))));
    cases.add(
        RuleCase.of(
            "Reshape of two lost symbols",
            c -> c.y(c.op("Reshape", c.x("batch", "seq"), c.e.longs(-1)))));
    cases.add(
        RuleCase.of(
            "Squeeze and Unsqueeze",
            c -> {
              String x = c.op("Unsqueeze", c.x("batch", 1, 3), c.e.longs(0, -1));
              c.y(c.op("Squeeze", x, c.e.longs(2, 0)));
            }));
    cases.add(RuleCase.of("Squeeze all ones", c -> c.y(c.op("Squeeze", c.x(3, 1, 2)))));
    cases.add(
        RuleCase.of(
            "Flatten", c -> c.y(c.op("Flatten", List.of(c.x("batch", "seq", 3)), "axis", 2))));
    cases.add(
        RuleCase.of("Expand", c -> c.y(c.op("Expand", c.x("batch", 1, 3), c.e.longs(2, 1, 4, 3)))));
    cases.add(RuleCase.of("Tile", c -> c.y(c.op("Tile", c.x("batch", 3), c.e.longs(2, 3)))));
    cases.add(
        RuleCase.of(
            "Concat of known lengths",
            c ->
                c.y(
                    c.op(
                        "Concat",
                        List.of(c.x("batch", 2), c.x("batch", 3), c.x("batch", 1)),
                        "axis",
                        -1))));
    cases.add(
        RuleCase.of(
            "Concat of symbolic lengths",
            c ->
                c.y(
                    c.op(
                        "Concat", List.of(c.x("batch", 2), c.x("seq", 2), c.x(1, 2)), "axis", 0))));
    cases.add(
        RuleCase.of(
            "Split, one part unused",
            c -> {
              List<String> parts =
                  c.ops(
                      "",
                      "Split",
                      3,
                      List.of(c.x("batch", "seq", 6), c.e.longs(2, 1, 3)),
                      "axis",
                      2);
              c.y(parts.get(0), parts.get(2));
            }));
    cases.add(RuleCase.of("Pad", c -> c.y(c.op("Pad", c.x("batch", 3), c.e.longs(1, 0, 2, 1)))));
    cases.add(
        RuleCase.of(
            "Pad that cuts", c -> c.y(c.op("Pad", c.x("batch", 3), c.e.longs(0, -1, 1, 1)))));
    cases.add(
        RuleCase.of(
            "Pad of chosen axes",
            c -> {
              String x = c.x("batch", 3);
              c.y(
                  c.b.opset() >= 18
                      ? c.op("Pad", x, c.e.longs(1, 2), c.real(0), c.e.longs(-1))
                      : c.op("Identity", x));
            }));
  }

  private static void slices(List<RuleCase> cases) {
    slice(cases, "known axis", new Object[] {"batch", 6}, 1, 4, 1, 1);
    slice(cases, "symbolic axis from the start", new Object[] {"seq", 2}, 0, 2, 0, 1);
    slice(
        cases, "symbolic axis without its first", new Object[] {"seq", 2}, 1, Long.MAX_VALUE, 0, 1);
    slice(cases, "symbolic axis without its last", new Object[] {"seq", 2}, 0, -1, 0, 1);
    slice(cases, "last of a symbolic axis", new Object[] {"seq", 2}, -1, Long.MAX_VALUE, 0, 1);
    slice(cases, "last two of a known axis", new Object[] {"batch", 5}, -2, Long.MAX_VALUE, 1, 1);
    slice(cases, "every second", new Object[] {"batch", 6}, 1, 6, 1, 2);
    slice(cases, "every second of a symbolic axis", new Object[] {"seq", 2}, 0, 9, 0, 2);
    slice(cases, "backwards", new Object[] {"batch", 5}, -1, Long.MIN_VALUE, 1, -1);
    slice(cases, "backwards by two", new Object[] {"batch", 5}, 4, 0, 1, -2);
    cases.add(
        RuleCase.of(
            "Slice of two axes, one by two",
            c ->
                c.y(
                    c.op(
                        "Slice",
                        c.x("batch", "seq", 5),
                        c.e.longs(0, 1),
                        c.e.longs(9, 4),
                        c.e.longs(1, 2),
                        c.e.longs(2, 1)))));
    cases.add(
        RuleCase.of(
            "Slice with computed ends",
            c -> {
              String x = c.x("batch", "seq", 2);
              String end = c.op("Slice", c.op("Shape", x), c.e.longs(1L), c.e.longs(2L));
              String start = c.op("Sub", end, c.e.longs(2L));
              c.y(c.op("Slice", x, start, end, c.e.longs(1L)));
            }));
    cases.add(
        RuleCase.of(
            "Slice of leading axes",
            c -> c.y(c.op("Slice", c.x(4, 3), c.e.longs(1, 0), c.e.longs(3, 2)))));
  }

  private static void slice(
      List<RuleCase> cases,
      String which,
      Object[] shape,
      long start,
      long end,
      long axis,
      long step) {
    cases.add(
        RuleCase.of(
            "Slice " + which,
            c ->
                c.y(
                    c.op(
                        "Slice",
                        c.x(shape),
                        c.e.longs(start),
                        c.e.longs(end),
                        c.e.longs(axis),
                        c.e.longs(step)))));
  }
}
