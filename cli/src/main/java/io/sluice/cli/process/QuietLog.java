package io.sluice.cli.process;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The time in which our own loggers say warnings only: that of a server which a command holds for
 * itself, and whose news would stand between the command's lines. Where {@code -Dsluice.log} names
 * a level, that one stays. Confined to one thread; of the whole process while it lasts.
 */
public final class QuietLog implements AutoCloseable {
  private final @Nullable Logger logger;
  private final @Nullable Level before;

  private QuietLog(@Nullable Logger logger) {
    this.logger = logger;
    this.before = logger == null ? null : logger.getLevel();
    if (logger != null) {
      logger.setLevel(Level.WARN);
    }
  }

  /** Begins it. */
  public static QuietLog begin() {
    boolean asked = System.getProperty("sluice.log") != null;
    return new QuietLog(
        !asked && LoggerFactory.getLogger("io.sluice") instanceof Logger logger ? logger : null);
  }

  /** As it was before. */
  @Override
  public void close() {
    if (logger != null) {
      logger.setLevel(before);
    }
  }
}
