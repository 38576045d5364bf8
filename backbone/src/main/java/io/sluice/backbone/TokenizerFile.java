package io.sluice.backbone;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * What we read from a {@code tokenizer.json} ourselves. Padding and truncation that an exporter
 * left in it are taken out: the engine pads, and {@link BackboneTokenizer} truncates and says so.
 *
 * @param json the file without padding and truncation
 * @param vocabularySize one more than the greatest token id
 * @param padId id for padding; 0 where the file names none
 * @param truncatesLeft whether truncation drops tokens at the start
 */
record TokenizerFile(String json, long vocabularySize, long padId, boolean truncatesLeft) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> PAD_TOKENS = Set.of("[PAD]", "<pad>", "<|pad|>", "<PAD>");

  /**
   * @param source name for messages
   */
  static TokenizerFile parse(byte[] content, String source) {
    ObjectNode root;
    try {
      root = JSON.readTree(content) instanceof ObjectNode object ? object : null;
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          source + ": " + e.getMessage() + " (expected: a tokenizer.json)",
          e);
    }
    JsonNode vocabulary = root == null ? null : root.path("model").path("vocab");
    if (root == null || vocabulary == null || !vocabulary.isContainerNode()) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          source + ": no model.vocab in it (expected: a tokenizer.json)");
    }
    boolean truncatesLeft = root.path("truncation").path("direction").asText().equals("Left");
    long padId = padId(root, vocabulary);
    long size = size(root, vocabulary);
    if (root.path("truncation").isNull() && root.path("padding").isNull()) {
      return new TokenizerFile(
          new String(content, StandardCharsets.UTF_8), size, padId, truncatesLeft);
    }
    root.putNull("truncation");
    root.putNull("padding");
    try {
      return new TokenizerFile(JSON.writeValueAsString(root), size, padId, truncatesLeft);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "JSON: not written (expected: what was read can be written)", e);
    }
  }

  private static long size(JsonNode root, JsonNode vocabulary) {
    long greatest = -1;
    if (vocabulary.isArray()) {
      greatest = vocabulary.size() - 1L;
    } else {
      for (JsonNode id : vocabulary) {
        greatest = Math.max(greatest, id.asLong());
      }
    }
    for (JsonNode token : root.path("added_tokens")) {
      greatest = Math.max(greatest, token.path("id").asLong());
    }
    return greatest + 1;
  }

  private static long padId(JsonNode root, JsonNode vocabulary) {
    JsonNode configured = root.path("padding").path("pad_id");
    if (configured.isIntegralNumber()) {
      return configured.longValue();
    }
    for (JsonNode token : root.path("added_tokens")) {
      if (PAD_TOKENS.contains(token.path("content").asText())) {
        return token.path("id").asLong();
      }
    }
    return PAD_TOKENS.stream()
        .map(vocabulary::path)
        .filter(JsonNode::isIntegralNumber)
        .mapToLong(JsonNode::longValue)
        .findFirst()
        .orElse(0);
  }
}
