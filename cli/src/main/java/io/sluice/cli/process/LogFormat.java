package io.sluice.cli.process;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;
import org.slf4j.event.Level;

/** What the lines of the log look like. */
public enum LogFormat {
  /** For people, as logback.xml says. */
  TEXT,
  /** Keys and values, {@code key="value"}. */
  LOGFMT,
  /** One JSON object a line. */
  JSON;

  /**
   * Has the process log so from now on, libraries that log by the JDK's own means included.
   *
   * @param level of our own loggers
   */
  public void apply(Level level) {
    if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
      return;
    }
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
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
        json.setWithFormattedMessage(true);
        json.setWithMessage(false);
        json.setWithArguments(false);
        json.setWithContext(false);
        json.setWithMDC(false);
        json.setWithNanoseconds(false);
        json.setWithSequenceNumber(false);
        json.start();
        yield json;
      }
      case LOGFMT -> {
        LogfmtLayout layout = new LogfmtLayout();
        layout.setContext(context);
        layout.start();
        LayoutWrappingEncoder<ILoggingEvent> lines = new LayoutWrappingEncoder<>();
        lines.setContext(context);
        lines.setCharset(StandardCharsets.UTF_8);
        lines.setLayout(layout);
        lines.start();
        yield lines;
      }
    };
  }
}
