package io.sluice.cli.process;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** What the lines of the log look like. */
public enum LogFormat {
  /** For people, as logback.xml says. */
  TEXT,
  /** Keys and values, {@code key="value"}. */
  LOGFMT,
  /** One JSON object a line. */
  JSON;

  private static final String KEYS_AND_VALUES =
      "ts=\"%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX}\" level=\"%level\" logger=\"%logger{0}\""
          + " msg=\"%replace(%msg){'\"','`'}\" %kvp%n%ex{short}";

  /**
   * Has the process log so from now on.
   *
   * @param level of our own loggers
   */
  public void apply(Level level) {
    if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
      return;
    }
    context
        .getLogger("io.sluice")
        .setLevel(ch.qos.logback.classic.Level.convertAnSLF4JLevel(level));
    Encoder<ILoggingEvent> encoder = encoder(context);
    if (encoder != null
        && context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("stderr")
            instanceof ConsoleAppender<ILoggingEvent> appender) {
      appender.stop();
      appender.setEncoder(encoder);
      appender.start();
    }
  }

  private @Nullable Encoder<ILoggingEvent> encoder(LoggerContext context) {
    return switch (this) {
      case TEXT -> null;
      case JSON -> {
        JsonEncoder json = new JsonEncoder();
        json.setContext(context);
        json.start();
        yield json;
      }
      case LOGFMT -> {
        PatternLayoutEncoder lines = new PatternLayoutEncoder();
        lines.setContext(context);
        lines.setPattern(KEYS_AND_VALUES);
        lines.start();
        yield lines;
      }
    };
  }
}
