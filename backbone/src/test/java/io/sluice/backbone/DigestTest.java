package io.sluice.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DigestTest {
  /** FIPS 180-2, appendix B.1. */
  private static final String ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @Test
  void of_knownVector_isTheStandardsDigest() {
    Digest digest = Digest.of("abc".getBytes(StandardCharsets.UTF_8));

    assertThat(digest.hex()).isEqualTo(ABC);
    assertThat(digest.shortForm()).isEqualTo("ba7816bf8f01");
    assertThat(digest).hasToString("sha256:" + ABC);
  }

  @Test
  void of_file_equalsThatOfItsBytes(@TempDir Path folder) throws Exception {
    byte[] content = new byte[200_000];
    content[123_456] = 7;
    Path file = Files.write(folder.resolve("x"), content);

    assertThat(Digest.of(file)).isEqualTo(Digest.of(content));
  }

  @Test
  void of_missingFile_isNotFound(@TempDir Path folder) {
    assertThatThrownBy(() -> Digest.of(folder.resolve("none")))
        .isInstanceOfSatisfying(
            SluiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessageContaining("none");
  }

  @Test
  void parse_bothForms_areTheSame() {
    assertThat(Digest.parse("sha256:" + ABC)).isEqualTo(Digest.parse(ABC));
  }

  @Test
  void parse_wrongText_isRefusedByName() {
    assertThatThrownBy(() -> Digest.parse("sha256:" + ABC.toUpperCase(java.util.Locale.ROOT)))
        .isInstanceOf(SluiceException.class)
        .hasMessageStartingWith("digest: sha256:BA78");
    assertThatThrownBy(() -> new Digest("12")).isInstanceOf(IllegalArgumentException.class);
  }
}
