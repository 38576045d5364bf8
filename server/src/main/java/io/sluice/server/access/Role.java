package io.sluice.server.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a token is good for. */
public enum Role {
  /** Reading the metrics, and nothing else. */
  METRICS,
  /** Asking tasks. */
  INFER,
  /** Registering, activating, rolling back: the admin port. All that the others may as well. */
  OPERATE;

  /** All of them as they are written, in order, with something in between. */
  static String names(String between) {
    return Arrays.stream(values()).map(Role::toString).collect(Collectors.joining(between));
  }

  /** Whether who has this role may do what takes {@code needed}. */
  public boolean includes(Role needed) {
    return this == OPERATE || this == needed;
  }

  /** As it is written: {@code metrics}, {@code infer}, {@code operate}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
