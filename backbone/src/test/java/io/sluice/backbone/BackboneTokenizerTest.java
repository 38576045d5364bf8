package io.sluice.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The oracle for truncation is the tokenizers library itself, set up to truncate. */
class BackboneTokenizerTest {
  private static final String LONG =
      "The orchestra tuned for eleven minutes, while the café's owner counted naïve coupons — twice — in the façade's shade.";
  private static final String SHORT = "Nobody applauded.";
  private static final String UNCASED =
      "data/tokenizers/bert-base-uncased/tokenizer.gte-small.json";
  private static final String CASED = "data/tokenizers/bert-base-cased/tokenizer.json";

  @ParameterizedTest
  @ValueSource(strings = {UNCASED, CASED})
  void encode_everyLimit_truncatesAsTheLibraryDoes(String file) throws IOException {
    byte[] json = Files.readAllBytes(SharedFiles.require(file));
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(json, file)) {
      for (int limit = 4; limit < 64; limit += limit < 12 ? 1 : 7) {
        try (HuggingFaceTokenizer library = library(json, limit)) {
          assertSame(tokenizer, library, LONG, null, limit);
          assertSame(tokenizer, library, LONG, SHORT, limit);
          assertSame(tokenizer, library, SHORT, LONG, limit);
          assertSame(tokenizer, library, LONG, LONG, limit);
          assertSame(tokenizer, library, SHORT, null, limit);
        }
      }
    }
  }

  @Test
  void encode_pair_setsTypeIdsAndFlag() {
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(SluiceMini.load())) {
      Encoding whole = tokenizer.encode(SHORT, LONG, 512);
      assertThat(whole.truncated()).isFalse();
      assertThat(whole.typeIds()).startsWith(0).endsWith(1);
      Encoding cut = tokenizer.encode(SHORT, LONG, 12);
      assertThat(cut.truncated()).isTrue();
      assertThat(cut.length()).isEqualTo(12);
      assertThat(cut.ids()[11]).isEqualTo(whole.ids()[whole.length() - 1]);
    }
  }

  @Test
  void encode_textThatNamesSpecialTokens_keepsWithinLimit() {
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(SluiceMini.load())) {
      Encoding encoding = tokenizer.encode("a [SEP] b [CLS] c [SEP] d e f g", null, 6);
      assertThat(encoding.length()).isEqualTo(6);
      assertThat(encoding.truncated()).isTrue();
    }
  }

  @Test
  void encode_emptyText_isSpecialTokensOnly() {
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(SluiceMini.load())) {
      assertThat(tokenizer.encode("", null, 16).length()).isEqualTo(2);
      assertThat(tokenizer.encode("", "", 16).length()).isEqualTo(3);
    }
  }

  @Test
  void encode_limitBelowSpecialTokens_isRefused() {
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(SluiceMini.load())) {
      assertThatThrownBy(() -> tokenizer.encode(LONG, SHORT, 2))
          .isInstanceOf(SluiceException.class)
          .hasMessageContaining("maxTokens: 2 (expected: at least 3");
    }
  }

  @Test
  void encode_fromManyThreads_givesWhatOneGives() throws Exception {
    long seed = 41;
    SplittableRandom random = new SplittableRandom(seed);
    List<TextPair> texts = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      int cut = random.nextInt(LONG.length());
      texts.add(new TextPair(LONG.substring(cut), random.nextBoolean() ? SHORT : null));
    }
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (BackboneTokenizer tokenizer = new BackboneTokenizer(SluiceMini.load())) {
      List<Encoding> expected = tokenizer.encode(texts, 20);
      List<Callable<List<Encoding>>> calls = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        calls.add(() -> tokenizer.encode(texts, 20));
      }
      for (Future<List<Encoding>> actual : threads.invokeAll(calls)) {
        for (int i = 0; i < texts.size(); i++) {
          assertThat(actual.get().get(i).ids()).as("seed " + seed).isEqualTo(expected.get(i).ids());
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void encode_paddingAndTruncationInTheFile_areTheEnginesConcern() {
    String json = new String(BackboneImporterTest.tokenizer(5), StandardCharsets.UTF_8);
    String padded =
        json.replace(
                "\"padding\":null",
                "\"padding\":{\"strategy\":{\"Fixed\":9},\"direction\":\"Right\",\"pad_to_multiple_of\":null,\"pad_id\":3,"
                    + "\"pad_type_id\":0,\"pad_token\":\"w3\"}")
            .replace(
                "\"truncation\":null",
                "\"truncation\":{\"direction\":\"Left\",\"max_length\":2,\"strategy\":\"LongestFirst\",\"stride\":0}");
    try (BackboneTokenizer tokenizer =
        new BackboneTokenizer(padded.getBytes(StandardCharsets.UTF_8), "test")) {
      assertThat(tokenizer.padId()).isEqualTo(3);
      assertThat(tokenizer.encode("w1 w2 w3 w4", null, 9).ids()).containsExactly(1, 2, 3, 4);
      assertThat(tokenizer.encode("w1 w2 w3 w4", null, 3).ids()).containsExactly(2, 3, 4);
    }
  }

  @Test
  void create_brokenModel_namesSource() {
    byte[] json =
        "{\"model\":{\"type\":\"Nonsense\",\"vocab\":{}}}".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> new BackboneTokenizer(json, "here/tokenizer.json"))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("here/tokenizer.json");
    assertThatThrownBy(() -> new BackboneTokenizer(new byte[] {1, 2}, "here/tokenizer.json"))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining("here/tokenizer.json");
  }

  @Test
  void encode_afterClose_isRefused() {
    BackboneTokenizer tokenizer = new BackboneTokenizer(BackboneImporterTest.tokenizer(5), "test");
    tokenizer.close();
    tokenizer.close();
    assertThatThrownBy(() -> tokenizer.encode("w1", null, 5))
        .isInstanceOf(IllegalStateException.class);
  }

  private static HuggingFaceTokenizer library(byte[] json, int limit) throws IOException {
    Map<String, String> options =
        Map.of(
            "truncation",
            "true",
            "maxLength",
            Integer.toString(limit),
            "padding",
            "false",
            "modelMaxLength",
            "512");
    return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), options);
  }

  private static void assertSame(
      BackboneTokenizer tokenizer,
      HuggingFaceTokenizer library,
      String text,
      @Nullable String pair,
      int limit) {
    var expected = pair == null ? library.encode(text) : library.encode(text, pair);
    Encoding actual = tokenizer.encode(text, pair, limit);
    assertThat(actual.ids()).as("limit " + limit).isEqualTo(expected.getIds());
    assertThat(actual.typeIds()).as("limit " + limit).isEqualTo(expected.getTypeIds());
    assertThat(actual.truncated()).as("limit " + limit).isEqualTo(expected.exceedMaxLength());
  }
}
