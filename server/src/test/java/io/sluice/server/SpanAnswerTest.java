package io.sluice.server;

import static io.sluice.server.testing.Asked.requireStatus;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.Status;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneTokenizer;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.proto.v1.AnswerReply;
import io.sluice.proto.v1.AnswerRequest;
import io.sluice.proto.v1.InferenceServiceGrpc;
import io.sluice.proto.v1.SpanAnswer;
import io.sluice.registry.answer.SpanSearch;
import io.sluice.registry.answer.SpanWindows;
import io.sluice.registry.answer.WindowLimits;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.TaskKind;
import io.sluice.registry.testing.TestingBundles;
import io.sluice.server.testing.FilledInfo;
import io.sluice.server.testing.MergedModel;
import io.sluice.server.testing.RunningServer;
import io.sluice.server.testing.ServedBundles;
import io.sluice.server.testing.SharedServer;
import io.sluice.server.testing.TestingBackbone;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Spans of passages of any length, over a real channel, against a plain session row by row. */
@Timeout(60)
class SpanAnswerTest {
  private static final double TOLERANCE = 1e-5;
  private static final int MAX_TOKENS = 24;
  private static final int STRIDE = 7;
  private static final double TEMPERATURE = 0.4;

  private static final OnnxRuntime runtime = OnnxRuntime.shared();
  private static final Backbone backbone = TestingBackbone.create();
  private static final ServedBundles bundles = new ServedBundles(backbone, runtime);
  private static final AdapterBundle plain = bundles.proven(spans(21));

  @RegisterExtension
  static final SharedServer shared = new SharedServer(backbone, ServerSettings.defaults(), runtime);

  private static RunningServer server;
  private static MergedModel oracle;
  private static BackboneTokenizer tokenizer;

  @BeforeAll
  static void start() {
    server = shared.get();
    server.activate("spans", plain);
    oracle = bundles.oracle(plain);
    tokenizer = new BackboneTokenizer(backbone);
  }

  @AfterAll
  static void close() {
    oracle.close();
    tokenizer.close();
  }

  @ParameterizedTest
  @CsvSource({"1,3", "2,15", "3,16", "4,40", "5,41", "6,200", "7,200", "8,600"})
  void answer_passageOfAnyLength_givesTheBestSpanOverItsWindows(long seed, int words) {
    Random random = new Random(seed);
    String question = TestingBackbone.text(random, 4);
    String passage = passage(random, words);
    SpanWindows windows = windows(question, passage);
    SpanSearch.Found expected = expected(windows);

    AnswerReply reply = ask("spans", question, passage);

    SpanAnswer span = reply.getSpan();
    assertThat(span.getText()).as("seed %d", seed).isEqualTo(expected.of(passage));
    assertThat(span.getStart()).isEqualTo(expected.start());
    assertThat(span.getEnd()).isEqualTo(expected.end());
    assertThat((double) span.getScore()).isCloseTo(expected.score(), within(TOLERANCE));
    assertThat((double) span.getNoAnswer()).isCloseTo(expected.noAnswer(), within(TOLERANCE));
    assertThat(reply.getAbstained()).isFalse();
    assertThat(reply.getInfo().getWindows()).isEqualTo(windows.windows().size());
    assertThat(reply.getInfo().getTokens()).isEqualTo(windows.tokens());
    assertThat(reply.getInfo().getTruncated()).isFalse();
    assertThat(reply.getInfo().getBundleDigest()).isEqualTo(plain.digest().toString());
    FilledInfo.require(reply.getInfo());
  }

  @Test
  void answer_manyAtOnce_equalOneByOne() throws Exception {
    InferenceServiceGrpc.InferenceServiceFutureStub client =
        server.data(InferenceServiceGrpc.InferenceServiceFutureStub.class);
    Random random = new Random(31);
    List<AnswerRequest> requests = new ArrayList<>();
    List<ListenableFuture<AnswerReply>> replies = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      requests.add(
          request(
              "spans",
              TestingBackbone.text(random, 1 + random.nextInt(6)),
              passage(random, 1 + random.nextInt(100))));
      replies.add(client.answer(requests.get(i)));
    }
    for (int i = 0; i < requests.size(); i++) {
      SpanAnswer together = replies.get(i).get().getSpan();
      SpanAnswer alone = server.inference().answer(requests.get(i)).getSpan();
      assertThat((double) together.getScore()).isCloseTo(alone.getScore(), within(TOLERANCE));
      assertThat((double) together.getNoAnswer()).isCloseTo(alone.getNoAnswer(), within(TOLERANCE));
      assertThat(together.getText()).isEqualTo(alone.getText());
      assertThat(together.getStart()).isEqualTo(alone.getStart());
    }
  }

  /** Outside the basic plane a character is two UTF-16 units and four bytes, but one code point. */
  @Test
  void answer_passageWithEmoji_countsCodePoints() {
    String passage =
        "\uD83D\uDC69\u200D\uD83D\uDC67\uD83D\uDE80 the old gate was very warm not cold";
    boolean[] behindEmoji = new boolean[1];
    for (long seed = 40; seed < 60; seed++) {
      String question = TestingBackbone.text(new Random(seed), 3);
      SpanSearch.Found expected = expected(windows(question, passage));
      SpanAnswer span = ask("spans", question, passage).getSpan();
      int start = passage.offsetByCodePoints(0, span.getStart());
      int end = passage.offsetByCodePoints(0, span.getEnd());
      assertThat(passage.substring(start, end)).as("seed %d", seed).isEqualTo(span.getText());
      assertThat(span.getText()).as("seed %d", seed).isEqualTo(expected.of(passage)).isNotEmpty();
      assertThat(start).isEqualTo(expected.start());
      behindEmoji[0] |= span.getStart() != start;
    }
    assertThat(behindEmoji[0]).as("some span begins behind an emoji").isTrue();
  }

  @Test
  void answer_longQuestion_isCutAndSaysSo() {
    Random random = new Random(3);
    String question = TestingBackbone.text(random, 30);
    AnswerReply reply = ask("spans", question, passage(random, 50));
    assertThat(reply.getInfo().getTruncated()).isTrue();
    assertThat(reply.getSpan().getText()).isNotEmpty();
  }

  @Test
  void answer_scoreBelowTheThreshold_abstainsAndStillTells() {
    server.activate("sure", bundles.proven(spans(21).calibrated(TEMPERATURE, 0.0)));
    server.activate("never", bundles.proven(spans(21).calibrated(TEMPERATURE, 1.0)));
    AnswerReply sure = ask("sure", "who was it", "the old gate was red");
    AnswerReply never = ask("never", "who was it", "the old gate was red");
    assertThat(sure.getAbstained()).isFalse();
    assertThat(never.getAbstained()).isTrue();
    assertThat(never.getSpan().getText()).isEqualTo(sure.getSpan().getText()).isNotEmpty();
    assertThat((double) never.getSpan().getScore())
        .isCloseTo(sure.getSpan().getScore(), within(TOLERANCE));
  }

  @Test
  void answer_moreWindowsThanAllowed_isInvalid() {
    String passage = TestingBackbone.text(new Random(1), 4000);
    requireStatus(
        () -> ask("spans", "who was it", passage),
        Status.Code.INVALID_ARGUMENT,
        "passage: 4000 tokens in 570 windows (expected: at most 512 windows)");
  }

  /** No word twice in a window: the encoder knows no positions, so equal words would tie. */
  private static String passage(Random random, int words) {
    List<String> order = new ArrayList<>(TestingBackbone.WORDS);
    Collections.shuffle(order, random);
    return IntStream.range(0, words)
        .mapToObj(word -> order.get(word % order.size()))
        .collect(Collectors.joining(" "));
  }

  private static TestingBundles spans(long seed) {
    return bundles
        .builder()
        .seed(seed)
        .kind(TaskKind.ANSWER_SPAN)
        .textFields("question", "passage")
        .maxTokens(MAX_TOKENS)
        .stride(STRIDE)
        .calibrated(TEMPERATURE, null)
        .adaptAt(2, 4)
        .adaptAt(3, 4);
  }

  private static SpanWindows windows(String question, String passage) {
    return SpanWindows.over(
        tokenizer.spans(question, passage), new WindowLimits(MAX_TOKENS, STRIDE, 512));
  }

  private static SpanSearch.Found expected(SpanWindows windows) {
    List<float[]> logits =
        windows.windows().stream()
            .map(window -> oracle.logits(window.encoding().ids(), window.encoding().typeIds()))
            .toList();
    return SpanSearch.best(windows, logits, TEMPERATURE);
  }

  private static AnswerRequest request(String task, String question, String passage) {
    return AnswerRequest.newBuilder()
        .setTask(task)
        .setQuestion(question)
        .setPassage(passage)
        .build();
  }

  private static AnswerReply ask(String task, String question, String passage) {
    return server.inference().answer(request(task, question, passage));
  }
}
