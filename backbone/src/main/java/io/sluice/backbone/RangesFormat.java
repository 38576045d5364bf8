package io.sluice.backbone;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.backbone.precision.ActivationRanges;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The file {@link BackboneFormat#RANGES} of an imported form: {@code inputs}, for each tensor that
 * linears read their keys, and {@code lowest} and {@code highest} of each channel. Stateless.
 */
final class RangesFormat {
  private RangesFormat() {}

  static byte[] write(ActivationRanges ranges) {
    // Linears that read the same tensor have the same range, which is written once.
    Map<ActivationRanges.Range, List<String>> linears = new LinkedHashMap<>();
    ranges
        .byLinear()
        .forEach(
            (linear, range) ->
                linears.computeIfAbsent(range, key -> new ArrayList<>()).add(linear));
    ObjectNode json = FormJson.begin();
    ArrayNode inputs = json.putArray("inputs");
    linears.forEach(
        (range, keys) -> {
          ObjectNode input = inputs.addObject();
          keys.forEach(input.putArray("linears")::add);
          put(input.putArray("lowest"), range.lowest());
          put(input.putArray("highest"), range.highest());
        });
    return FormJson.written(json);
  }

  /**
   * @param file how it is called in what is told of it
   */
  static ActivationRanges read(byte[] content, String file) {
    FormJson json = FormJson.read(content, file);
    Map<String, ActivationRanges.Range> ranges = new HashMap<>();
    try {
      for (JsonNode input : json.array("inputs")) {
        ActivationRanges.Range range =
            new ActivationRanges.Range(floats(input.path("lowest")), floats(input.path("highest")));
        input.path("linears").forEach(linear -> ranges.put(linear.asText(), range));
      }
      return ActivationRanges.of(ranges);
    } catch (IllegalArgumentException e) {
      throw json.corrupt(String.valueOf(e.getMessage()), e);
    }
  }

  private static void put(ArrayNode array, float[] values) {
    for (float value : values) {
      array.add(value);
    }
  }

  private static float[] floats(JsonNode array) {
    float[] values = new float[array.size()];
    for (int c = 0; c < values.length; c++) {
      values[c] = array.path(c).floatValue();
    }
    return values;
  }
}
