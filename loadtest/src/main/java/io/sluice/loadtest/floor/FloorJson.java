package io.sluice.loadtest.floor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.time.Duration;

/** Writes reports as JSON: field names as in the records. Stateless. */
public final class FloorJson {
  private FloorJson() {}

  /** The report as indented JSON; durations in ISO form, digests as text. */
  public static String write(FloorReport report) {
    SimpleModule texts = new SimpleModule();
    texts.addSerializer(Duration.class, ToStringSerializer.instance);
    texts.addSerializer(io.sluice.backbone.Digest.class, ToStringSerializer.instance);
    try {
      return JsonMapper.builder()
          .addModule(texts)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build()
          .writeValueAsString(report);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("report: cannot be written as JSON: " + e, e);
    }
  }
}
