package io.sluice.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFilesTest {
  private static final byte[] OLD = {1, 2, 3};

  @TempDir Path folder;

  @Test
  void replace_newAndExistingFile_holdsTheContentAndNothingElseIsThere() throws IOException {
    Path file = folder.resolve("file");
    byte[] large = new byte[(5 << 20) + 7];
    new Random(1).nextBytes(large);
    for (byte[] content : new byte[][] {OLD, large, {}}) {
      DurableFiles.replace(file, content);
      assertThat(file).hasBinaryContent(content);
      assertThat(folder).isDirectoryNotContaining(other -> !other.equals(file));
    }
  }

  @Test
  void replace_failsHalfWay_leavesWhatWasThere() throws IOException {
    Path file = Files.write(folder.resolve("file"), OLD);

    assertThatThrownBy(
            () ->
                DurableFiles.replace(
                    file,
                    out -> {
                      out.write(new byte[100]);
                      assertThat(file).hasBinaryContent(OLD);
                      throw new IOException("the disk is full");
                    }))
        .hasMessage("the disk is full");
    assertThat(file).hasBinaryContent(OLD);
    assertThat(folder).isDirectoryNotContaining(other -> !other.equals(file));
  }

  @Test
  void replace_placeIsAFolder_isRefusedAndLeavesNothingBehind() throws IOException {
    Path taken = Files.createDirectory(folder.resolve("taken"));

    assertThatThrownBy(() -> DurableFiles.replace(taken, OLD)).isInstanceOf(IOException.class);
    assertThat(folder).isDirectoryNotContaining(other -> !other.equals(taken));
  }

  @Test
  void replace_interruptedThread_writesAllAndStaysInterrupted() throws IOException {
    Path file = folder.resolve("file");
    Thread.currentThread().interrupt();
    try {
      DurableFiles.replace(file, OLD);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(file).hasBinaryContent(OLD);
  }
}
