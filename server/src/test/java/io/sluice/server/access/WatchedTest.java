package io.sluice.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchedTest {
  @Test
  void look_readerFails_keepsWhatWasReadAndGoesOnLooking(@TempDir Path directory)
      throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "one");
    Watched<String> watched = new Watched<>(List.of(file), () -> content(file));
    assertThat(watched.get()).isEqualTo("one");

    Files.writeString(file, "bad thing");
    watched.look();
    assertThat(watched.get()).isEqualTo("one");

    Files.writeString(file, "two, and longer");
    watched.look();
    assertThat(watched.get()).isEqualTo("two, and longer");
  }

  /** As a library might that meets what it never met before. */
  private static String content(Path file) {
    try {
      String text = Files.readString(file);
      if (text.startsWith("bad")) {
        throw new IllegalStateException(text);
      }
      return text;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
