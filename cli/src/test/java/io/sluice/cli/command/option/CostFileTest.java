package io.sluice.cli.command.option;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CostFileTest {
  @Test
  void cacheFolder_withoutXdg_liesInTheHomeOfTheEnvironment() {
    assertThat(CostFile.cacheFolder(Map.of("XDG_CACHE_HOME", "/x", "HOME", "/h")))
        .isEqualTo(Path.of("/x"));
    assertThat(CostFile.cacheFolder(Map.of("XDG_CACHE_HOME", "", "HOME", "/h")))
        .isEqualTo(Path.of("/h/.cache"));
    assertThat(CostFile.cacheFolder(Map.of()))
        .isEqualTo(Path.of(System.getProperty("user.home"), ".cache"));
  }
}
