package io.sluice.trainer.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backbone.DurableFiles;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointFolderTest {
  @TempDir Path directory;
  private final AtomicLong clock = new AtomicLong();

  @Test
  void newest_ofSeveral_isTheLastToTheBit() {
    CheckpointFolder folder = folder();
    folder.save(state(1));
    folder.save(state(2));
    SavedState read = folder().newest().orElseThrow();
    assertThat(read.floats("floats")).containsExactly(2, Float.NaN, -0f, Float.MIN_VALUE);
    assertThat(read.doubles("doubles")).containsExactly(2, Math.PI);
    assertThat(read.longs("longs")).containsExactly(2, Long.MIN_VALUE);
    assertThat(read.text("text")).isEqualTo("zwei\n\u20ac");
    assertThat(read.longs("none")).isEmpty();
  }

  @Test
  void newest_emptyFolder_isNone() {
    assertThat(folder().newest()).isEmpty();
  }

  @Test
  void save_manyTimes_keepsTheNewestTwo() throws IOException {
    CheckpointFolder folder = folder();
    for (int i = 0; i < 5; i++) {
      folder.save(state(i));
    }
    assertThat(files()).containsExactly("00000004.checkpoint", "00000005.checkpoint");
    CheckpointFolder later = folder();
    later.save(state(5));
    assertThat(files()).containsExactly("00000005.checkpoint", "00000006.checkpoint");
  }

  @Test
  void save_localeWithOtherDigits_isTheNextOfThoseBefore() throws IOException {
    folder().save(state(1));
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("fa-IR"));
    try {
      folder().save(state(2));
    } finally {
      Locale.setDefault(before);
    }
    folder().save(state(3));

    assertThat(files()).containsExactly("00000002.checkpoint", "00000003.checkpoint");
    assertThat(folder().newest().orElseThrow().number("step")).isEqualTo(3);
  }

  @Test
  void write_cannotTakeItsPlace_leavesNothingBehind() throws IOException {
    Path taken = Files.createDirectory(directory.resolve("taken"));

    assertThatThrownBy(() -> DurableFiles.replace(taken, new byte[] {1}))
        .isInstanceOf(IOException.class);
    assertThat(files()).containsExactly("taken");
  }

  @Test
  void newest_writeCrashedAtAnyByte_isTheOneBefore() throws IOException {
    folder().save(state(1));
    byte[] next = SavedStateFormat.write(state(2));
    for (int length = 0; length <= next.length; length++) {
      // What is left by a crash before the rename.
      Files.write(directory.resolve(".00000002.checkpoint.1.tmp"), Arrays.copyOf(next, length));
      CheckpointFolder folder = folder();
      assertThat(folder.newest().orElseThrow().number("step")).isEqualTo(1);
      assertThat(files()).containsExactly("00000001.checkpoint");
    }
  }

  @Test
  void newest_lastFileSpoiltAnywhere_isTheOneBefore() throws IOException {
    CheckpointFolder folder = folder();
    folder.save(state(1));
    folder.save(state(2));
    Path last = directory.resolve("00000002.checkpoint");
    byte[] whole = Files.readAllBytes(last);
    for (int at = 0; at < whole.length; at++) {
      Files.write(last, Arrays.copyOf(whole, at));
      assertThat(folder.newest().orElseThrow().number("step")).isEqualTo(1);
      byte[] flipped = whole.clone();
      flipped[at] ^= 1;
      Files.write(last, flipped);
      assertThat(folder.newest().orElseThrow().number("step")).isEqualTo(1);
    }
  }

  @Test
  void save_threadInterrupted_savesAndStaysInterrupted() {
    CheckpointFolder folder = folder();
    Thread.currentThread().interrupt();
    folder.save(state(7));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(folder.newest().orElseThrow().number("step")).isEqualTo(7);
  }

  @Test
  void due_afterTheTimeBetweenTwo_isTrueUntilSaved() {
    CheckpointFolder folder = folder();
    assertThat(folder.due()).isFalse();
    clock.addAndGet(Duration.ofSeconds(10).toNanos());
    assertThat(folder.due()).isTrue();
    folder.save(state(1));
    assertThat(folder.due()).isFalse();
  }

  @Test
  void floats_noSuchPart_saysSo() {
    assertThatThrownBy(() -> state(1).floats("other"))
        .isInstanceOfSatisfying(
            SluiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_LOSS))
        .hasMessageContaining("no part other");
  }

  private CheckpointFolder folder() {
    return new CheckpointFolder(directory, Duration.ofSeconds(10), clock::get);
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static SavedState state(int step) {
    return SavedState.builder()
        .longs("step", step)
        .floats("floats", new float[] {step, Float.NaN, -0f, Float.MIN_VALUE})
        .doubles("doubles", new double[] {step, Math.PI})
        .longs("longs", step, Long.MIN_VALUE)
        .longs("none")
        .text("text", "zwei\n\u20ac")
        .build();
  }
}
