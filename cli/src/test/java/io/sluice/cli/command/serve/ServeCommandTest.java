package io.sluice.cli.command.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backbone.Digest;
import io.sluice.registry.store.StoreReport;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServeCommandTest {
  @Test
  void at_addressWithColons_standsInBrackets() {
    assertThat(ServeCommand.at("::1", 8433)).isEqualTo("[::1]:8433");
    assertThat(ServeCommand.at("0.0.0.0", 0)).isEqualTo("0.0.0.0:0");
  }

  @Test
  void damages_bundleThatCannotBeUsed_namesItsTasksAndTheReason() {
    Digest digest = Digest.of("a bundle".getBytes(StandardCharsets.UTF_8));
    StoreReport.Damage damage =
        new StoreReport.Damage(
            digest, Path.of("a.bundle"), List.of("mood", "topic"), "a.bundle: 7 bytes");

    assertThat(ServeCommand.damages(new StoreReport(3, List.of(damage), List.of(), List.of())))
        .containsExactly(
            "bundle "
                + digest.shortForm()
                + " of mood, topic cannot be used until it is registered again: a.bundle: 7 bytes");
  }

  @Test
  void damages_soundStore_areNone() {
    assertThat(ServeCommand.damages(new StoreReport(3, List.of(), List.of(), List.of()))).isEmpty();
  }
}
