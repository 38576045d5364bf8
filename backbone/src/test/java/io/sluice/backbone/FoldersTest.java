package io.sluice.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FoldersTest {
  @TempDir Path directory;

  @Test
  void make_linkToAFolder_isThereAlready() throws IOException {
    Path other = Files.createDirectory(directory.resolve("other disk"));
    Path link = Files.createSymbolicLink(directory.resolve("store"), other);

    assertThat(Folders.make(link)).isEqualTo(link);
    assertThat(Folders.make(link.resolve("a/b"))).isDirectory();
    assertThat(other.resolve("a/b")).isDirectory();
  }

  @Test
  void make_fileOrLinkToNothing_isInTheWay() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    Path dangling = Files.createSymbolicLink(directory.resolve("x"), directory.resolve("none"));

    assertThatThrownBy(() -> Folders.make(file)).isInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> Folders.make(dangling)).isInstanceOf(IOException.class);
  }
}
