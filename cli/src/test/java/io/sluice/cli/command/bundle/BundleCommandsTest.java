package io.sluice.cli.command.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.Backbone;
import io.sluice.backbone.BackboneSessions;
import io.sluice.backbone.SluiceMini;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.OnnxRuntime;
import io.sluice.cli.command.MadeUpPrices;
import io.sluice.cli.command.SluiceRun;
import io.sluice.loadtest.bundle.RandomBundle;
import io.sluice.registry.bundle.AdapterBundle;
import io.sluice.registry.bundle.BundleWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sluice bundle cost}, {@code diff} and {@code report}. */
class BundleCommandsTest {
  private static final Backbone BACKBONE = SluiceMini.load();

  @TempDir Path directory;
  private Path low;
  private Path high;
  private Path reported;

  @BeforeEach
  void make() {
    OnnxRuntime runtime = OnnxRuntime.shared();
    low = directory.resolve("low.bundle");
    high = directory.resolve("high.bundle");
    reported = directory.resolve("reported.bundle");
    try (BackboneSessions sessions = BackboneSessions.open(BACKBONE, runtime)) {
      AdapterBundle plain = RandomBundle.of(sessions, runtime, List.of(3, 5), 4, 1);
      BundleWriter.save(plain, low);
      BundleWriter.save(RandomBundle.of(sessions, runtime, List.of(5, 9), 8, 1), high);
      BundleWriter.save(
          BundleWriter.write(
              plain.manifest(),
              plain.points(),
              plain.head(),
              plain.probe(),
              Map.of(
                  "report.html", "<p>page</p>".getBytes(UTF_8),
                  "structure.svg", "<svg/>".getBytes(UTF_8))),
          reported);
    }
  }

  /** Prices: a call 10 us, rank 4 at 32 tokens 60 us, all blocks together 2,400 us. */
  @Test
  void cost_byATable_addsUpWhatItSays() {
    Path prices = directory.resolve("costs.json");
    MadeUpPrices.of(BACKBONE.digest().hex(), Precision.FP32).save(prices);

    SluiceRun run = SluiceRun.of("bundle", "cost", low, "--costs", prices, "--tokens", "32");

    assertThat(run.code()).isZero();
    assertThat(run.out())
        .containsPattern("shared +3 of " + BACKBONE.points() + " blocks")
        .containsPattern("32 .* 2\\.40 +0\\.12 +2\\.52 +5\\.00 %");
  }

  @Test
  void cost_tableOfAnotherBackboneOrTooManyTokens_exitsWithAnErrorThatNamesThem() {
    Path prices = directory.resolve("costs.json");
    MadeUpPrices.of("00".repeat(32), Precision.FP32).save(prices);

    SluiceRun foreign = SluiceRun.of("bundle", "cost", low, "--costs", prices);
    SluiceRun tooLong = SluiceRun.of("bundle", "cost", low, "--tokens", "5000");

    assertThat(foreign.code()).isNotZero();
    assertThat(foreign.err()).contains("cost table: ").contains("(expected: of ");
    assertThat(tooLong.code()).isEqualTo(2);
    assertThat(tooLong.err()).contains("tokens: 5000 (expected: 1..");
  }

  @Test
  void report_overTheBundle_isRefusedAndTheBundleStays() throws IOException {
    byte[] before = Files.readAllBytes(reported);

    SluiceRun page = SluiceRun.of("bundle", "report", reported, "--out", reported);
    SluiceRun picture =
        SluiceRun.of(
            "bundle", "report", reported, "--out", directory.resolve("p"), "--svg", reported);

    assertThat(page.code()).isEqualTo(2);
    assertThat(page.err()).contains("out: " + reported + " is what is read");
    assertThat(picture.code()).isEqualTo(2);
    assertThat(picture.err()).contains("svg: " + reported + " is what is read");
    assertThat(reported).hasBinaryContent(before);
  }

  @Test
  void cost_tableOfAnotherPrecision_isRefusedUnlessThatIsAskedFor() {
    Path prices = directory.resolve("costs.json");
    MadeUpPrices.of(BACKBONE.digest().hex(), Precision.INT8).save(prices);
    Object[] cost = {"bundle", "cost", low, "--costs", prices, "--tokens", "32"};

    SluiceRun other = SluiceRun.of(cost);
    SluiceRun same = SluiceRun.of(with(cost, "--backbone-precision", "INT8"));
    SluiceRun noSuch = SluiceRun.of(with(cost, "--backbone-precision", "FP16"));

    assertThat(other.code()).isNotZero();
    assertThat(other.err())
        .contains(
            "costs.json of a backbone in INT8 on cpu (expected: in FP32 on cpu, as sluice backbone"
                + " profile --backbone-precision FP32 measures)");
    assertThat(same.code()).isZero();
    assertThat(same.out())
        .containsPattern("32 .* 2\\.40 +0\\.12 +2\\.52 +5\\.00 %")
        .contains("encoder in INT8");
    assertThat(noSuch.code()).isEqualTo(2);
    assertThat(noSuch.err()).contains("backbone precision: FP16 on cpu (expected: ");
  }

  private static Object[] with(Object[] words, Object... more) {
    return Stream.concat(Stream.of(words), Stream.of(more)).toArray();
  }

  @Test
  void diff_sameBundle_saysSoAndExitsWithZero() {
    SluiceRun run = SluiceRun.of("bundle", "diff", low, low);

    assertThat(run.code()).isZero();
    assertThat(run.out()).startsWith("the same: sha256:");
  }

  @Test
  void diff_otherStructure_listsItByPointAndExitsWithOne() {
    SluiceRun run = SluiceRun.of("bundle", "diff", low, high);

    assertThat(run.code()).isOne();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .containsPattern("structure +point 3 +bottleneck_sequential, rank 4 +- *\\R")
        .containsPattern(
            "structure +point 5 +bottleneck_sequential, rank 4 +bottleneck_sequential, rank 8")
        .containsPattern("structure +point 9 +- +bottleneck_sequential, rank 8")
        .containsPattern("cost +trunk blocks +3 +5 +\\+2");
  }

  @Test
  void diff_unreadable_exitsWithTwo() throws IOException {
    Path broken = Files.writeString(directory.resolve("broken.bundle"), "no bundle");

    SluiceRun run = SluiceRun.of("bundle", "diff", low, broken);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("broken.bundle");
  }

  @Test
  void report_ofABundleWithOne_takesPageAndPictureOut() {
    Path page = directory.resolve("page.html");
    Path picture = directory.resolve("picture.svg");

    SluiceRun run = SluiceRun.of("bundle", "report", reported, "--out", page, "--svg", picture);

    assertThat(run.code()).isZero();
    assertThat(page).hasContent("<p>page</p>");
    assertThat(picture).hasContent("<svg/>");
  }

  @Test
  void report_ofABundleWithout_isRefused() {
    Path page = directory.resolve("page.html");

    SluiceRun run = SluiceRun.of("bundle", "report", low, "--out", page);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("no report.html");
    assertThat(page).doesNotExist();
  }
}
