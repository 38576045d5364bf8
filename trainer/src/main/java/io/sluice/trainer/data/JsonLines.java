package io.sluice.trainer.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sluice.backbone.Surrogates;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rows as one JSON object a line; blank lines are skipped. */
final class JsonLines implements RowSource {
  private final ObjectReader json =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .readerFor(JsonNode.class);
  private final BufferedReader reader;
  private int line;

  JsonLines(Reader reader) {
    this.reader = new BufferedReader(reader);
  }

  @Override
  public @Nullable Row next() throws IOException {
    String text;
    do {
      text = reader.readLine();
      if (text == null) {
        return null;
      }
      line++;
    } while (text.isBlank());
    return parse(text);
  }

  private Row parse(String text) {
    JsonNode row;
    try {
      row = json.readTree(text);
    } catch (JsonProcessingException e) {
      return new Row(
          line,
          Map.of(),
          new Problem("row", text, "one JSON object a line; " + e.getOriginalMessage()));
    }
    if (!row.isObject()) {
      return new Row(line, Map.of(), new Problem("row", text, "one JSON object a line"));
    }
    Map<String, Field> fields = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : row.properties()) {
      JsonNode value = field.getValue();
      int torn = value.isTextual() ? Surrogates.firstLone(value.textValue()) : -1;
      if (torn >= 0) {
        return new Row(
            line,
            Map.of(),
            new Problem(field.getKey(), "half a character at " + torn, "whole characters"));
      }
      boolean scalar = value.isTextual() || value.isIntegralNumber() || value.isBoolean();
      fields.put(field.getKey(), new Field(scalar ? value.asText() : value.toString(), scalar));
    }
    return new Row(line, fields, null);
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
