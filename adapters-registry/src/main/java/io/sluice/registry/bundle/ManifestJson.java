package io.sluice.registry.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.deser.std.FromStringDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import io.sluice.backbone.Digest;
import java.io.IOException;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Codec of {@code manifest.json}. The same manifest always gives the same bytes. */
final class ManifestJson {
  private static final ObjectMapper MAPPER = mapper();

  /** What Jackson tells programmers about its own settings. */
  private static final Pattern ADVICE =
      Pattern.compile("( \\(but | \\(set |: not allowed to ).*", Pattern.DOTALL);

  private ManifestJson() {}

  static byte[] encode(Manifest manifest) {
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter()
            .withObjectIndenter(indenter)
            .withArrayIndenter(indenter)
            .withSeparators(
                Separators.createDefaultInstance()
                    .withObjectFieldValueSpacing(Separators.Spacing.AFTER));
    try {
      return (MAPPER.writer(printer).writeValueAsString(manifest) + "\n").getBytes(UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("manifest: not writable as JSON", e);
    }
  }

  static Manifest decode(byte[] json, Place place) {
    try {
      Manifest manifest = MAPPER.readValue(json, Manifest.class);
      if (manifest == null) {
        throw place.corrupt("null", "an object");
      }
      return manifest;
    } catch (JsonProcessingException e) {
      throw place.corrupt(reason(e), "a manifest of format version " + BundleFormat.VERSION, e);
    } catch (IOException e) {
      throw place.corrupt("unreadable JSON", "UTF-8", e);
    }
  }

  /** Key, line and what a record's own check said if there was one, else Jackson's words. */
  private static String reason(JsonProcessingException e) {
    Throwable cause = e.getCause();
    String words = cause == null ? e.getOriginalMessage() : String.valueOf(cause.getMessage());
    String key =
        e instanceof JsonMappingException mapping
            ? mapping.getPath().stream()
                .map(JsonMappingException.Reference::getFieldName)
                .filter(Objects::nonNull)
                .collect(Collectors.joining("."))
            : "";
    return (key.isEmpty() ? "" : key + ", ")
        + (e.getLocation() == null ? "" : "line " + e.getLocation().getLineNr() + ": ")
        + ADVICE.matcher(words).replaceFirst("");
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
