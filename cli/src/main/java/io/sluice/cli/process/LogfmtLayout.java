package io.sluice.cli.process;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.LayoutBase;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * A line of keys and values, {@code key="value"}, for every event: one line whatever is in them, as
 * quotes, backslashes and line ends are escaped by a backslash, and other control characters are
 * left out. Thread-safe.
 */
final class LogfmtLayout extends LayoutBase<ILoggingEvent> {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX").withZone(ZoneOffset.UTC);
  private static final int USUAL_CHARS = 200;

  @Override
  public String doLayout(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(USUAL_CHARS);
    String logger = event.getLoggerName();
    add(line, "ts", TIME.format(event.getInstant()));
    add(line, "level", event.getLevel().toString());
    add(line, "logger", logger.substring(logger.lastIndexOf('.') + 1));
    add(line, "msg", event.getFormattedMessage());
    if (event.getKeyValuePairs() != null) {
      for (KeyValuePair pair : event.getKeyValuePairs()) {
        add(line, pair.key, String.valueOf(pair.value));
      }
    }
    addFailure(line, event.getThrowableProxy());
    return line.append('\n').toString();
  }

  /** What failed and, if that says so, why, without the ways there. */
  private static void addFailure(StringBuilder line, @Nullable IThrowableProxy failure) {
    if (failure == null) {
      return;
    }
    add(line, "error", failure.getClassName() + ": " + failure.getMessage());
    if (failure.getStackTraceElementProxyArray().length > 0) {
      add(line, "at", failure.getStackTraceElementProxyArray()[0].getSTEAsString());
    }
    IThrowableProxy cause = failure.getCause();
    if (cause != null) {
      add(line, "cause", cause.getClassName() + ": " + cause.getMessage());
    }
  }

  private static void add(StringBuilder line, String key, String value) {
    if (!line.isEmpty()) {
      line.append(' ');
    }
    line.append(key).append("=\"");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"' -> line.append("\\\"");
        case '\\' -> line.append("\\\\");
        case '\n' -> line.append("\\n");
        default -> {
          if (!Character.isISOControl(c)) {
            line.append(c);
          }
        }
      }
    }
    line.append('"');
  }
}
