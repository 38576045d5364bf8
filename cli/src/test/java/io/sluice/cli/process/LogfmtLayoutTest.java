package io.sluice.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class LogfmtLayoutTest {
  @Test
  void line_nastyValues_staysOneAndSaysWhichIsWhich() {
    LoggingEvent event = event("asked by \"x\"\nlevel=\"ERROR\"", null);
    event.addKeyValuePair(new KeyValuePair("task", "a\u001b[2J\\b"));

    assertThat(new LogfmtLayout().doLayout(event))
        .isEqualTo(
            "ts=\"2026-11-26T06:42:50.007Z\" level=\"INFO\" logger=\"Some\""
                + " msg=\"asked by \\\"x\\\"\\nlevel=\\\"ERROR\\\"\" task=\"a[2J\\\\b\"\n");
  }

  @Test
  void line_failure_saysWhatAndWhy() {
    Exception failure = new IllegalStateException("closed", new RuntimeException("gone"));

    assertThat(new LogfmtLayout().doLayout(event("failed", failure)))
        .contains("error=\"java.lang.IllegalStateException: closed\"")
        .contains("at=\"at io.sluice.cli.process.LogfmtLayoutTest.line_failure_saysWhatAndWhy(")
        .endsWith("cause=\"java.lang.RuntimeException: gone\"\n");
  }

  private static LoggingEvent event(String message, @Nullable Throwable failure) {
    LoggingEvent event =
        new LoggingEvent(
            LogfmtLayoutTest.class.getName(),
            new LoggerContext().getLogger("io.sluice.Some"),
            Level.INFO,
            message,
            failure,
            null);
    event.setInstant(Instant.parse("2026-11-26T06:42:50.007Z"));
    return event;
  }
}
