package io.sluice.registry.bundle;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.deser.std.FromStringDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import io.sluice.backbone.Digest;
import java.io.IOException;

/** Codec of {@code manifest.json}. The same manifest always gives the same bytes. */
final class ManifestJson {
  private static final ObjectMapper MAPPER = mapper();

  private ManifestJson() {}

  static byte[] encode(Manifest manifest) {
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter);
    try {
      return MAPPER.writer(printer).writeValueAsBytes(manifest);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("manifest: not writable as JSON", e);
    }
  }

  static Manifest decode(byte[] json, Place place) {
    try {
      return MAPPER.readValue(json, Manifest.class);
    } catch (JsonProcessingException e) {
      throw place.corrupt(reason(e), "a manifest of format version " + BundleFormat.VERSION, e);
    } catch (IOException e) {
      throw place.corrupt("unreadable JSON", "UTF-8", e);
    }
  }

  /** What a record's own check said if there was one, else Jackson's words; with the place. */
  private static String reason(JsonProcessingException e) {
    Throwable cause = e.getCause();
    String words = cause != null && cause.getMessage() != null ? cause.getMessage() : "";
    String text = words.isEmpty() ? e.getOriginalMessage() : words;
    return e.getLocation() == null ? text : "line " + e.getLocation().getLineNr() + ": " + text;
  }

  private static ObjectMapper mapper() {
    JsonFactory factory =
        JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            // Double.toString differs between Java releases; this writer does not.
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
            .disable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(8)
                    .maxNumberLength(64)
                    .maxNameLength(Checks.MAX_TEXT)
                    .maxStringLength(Checks.MAX_TEXT)
                    .build())
            .build();
    SimpleModule digests = new SimpleModule();
    digests.addSerializer(Digest.class, ToStringSerializer.instance);
    digests.addDeserializer(Digest.class, new DigestFromText());
    return JsonMapper.builder(factory)
        .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
        .addModule(digests)
        .build();
  }

  /** Reads {@code sha256:} and 64 hex digits. */
  private static final class DigestFromText extends FromStringDeserializer<Digest> {
    private static final long serialVersionUID = 1;

    DigestFromText() {
      super(Digest.class);
    }

    @Override
    protected Digest _deserialize(String value, DeserializationContext context) {
      return Digest.parse(value);
    }
  }
}
