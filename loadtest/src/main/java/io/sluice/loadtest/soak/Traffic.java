package io.sluice.loadtest.soak;

/** The kinds of requests of a soak: how often each comes, and how it may end. */
enum Traffic {
  PLAIN(0.78),
  SEVERAL_TASKS(0.05),
  LONG_TEXT(0.02),
  TIGHT_DEADLINE(0.05),
  CANCELLED(0.05),
  UNKNOWN_TASK(0.02),
  EMPTY_TEXT(0.02),
  HUGE_TEXT(0.01);

  private static final String OK = "OK";

  private final double share;

  Traffic(double share) {
    this.share = share;
  }

  /** Whether a request of this kind may end with that gRPC status. */
  boolean mayEnd(String status) {
    // A server that has more to do than it can may refuse before it looks closely.
    if (status.equals("RESOURCE_EXHAUSTED")) {
      return true;
    }
    return switch (this) {
      case PLAIN, SEVERAL_TASKS, LONG_TEXT -> status.equals(OK);
      case TIGHT_DEADLINE -> status.equals(OK) || status.equals("DEADLINE_EXCEEDED");
      case CANCELLED -> status.equals(OK) || status.equals("CANCELLED");
      case UNKNOWN_TASK -> status.equals("NOT_FOUND");
      case EMPTY_TEXT, HUGE_TEXT -> status.equals("INVALID_ARGUMENT");
    };
  }

  /** The kind at a place between 0 and 1. */
  static Traffic at(double place) {
    double upTo = 0;
    for (Traffic kind : values()) {
      upTo += kind.share;
      if (place < upTo) {
        return kind;
      }
    }
    return PLAIN;
  }
}
