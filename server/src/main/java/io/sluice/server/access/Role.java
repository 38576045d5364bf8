package io.sluice.server.access;

import java.util.Locale;

/** What a token is good for; each role includes those before it. */
public enum Role {
  /** Asking tasks. */
  INFER,
  /** Registering, activating, rolling back: the admin port. */
  OPERATE;

  /** Whether who has this role may do what takes {@code needed}. */
  public boolean includes(Role needed) {
    return compareTo(needed) >= 0;
  }

  /** As it is written: {@code infer}, {@code operate}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
