package io.sluice.loadtest.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import io.sluice.backbone.Digest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes reports as JSON: field names as in the records. Stateless. */
public final class ReportJson {
  private ReportJson() {}

  /** Any records as indented JSON; durations in ISO form, digests as text. */
  public static String write(Object figures) {
    SimpleModule texts = new SimpleModule();
    texts.addSerializer(Duration.class, ToStringSerializer.instance);
    texts.addSerializer(Digest.class, ToStringSerializer.instance);
    try {
      return JsonMapper.builder()
          .addModule(texts)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build()
          .writeValueAsString(figures);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("report: cannot be written as JSON: " + e, e);
    }
  }

  static String of(BenchReport report) {
    Map<String, Object> parts = new LinkedHashMap<>();
    parts.put("bench", report.name());
    parts.put("met", report.met());
    parts.put("environment", report.environment());
    parts.put("facts", report.facts());
    parts.put("verdicts", report.verdicts());
    parts.put("figures", report.figures());
    return write(parts);
  }
}
