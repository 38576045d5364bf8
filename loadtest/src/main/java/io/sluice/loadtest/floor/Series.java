package io.sluice.loadtest.floor;

/** What is measured: who does what, and in which unit. */
public enum Series {
  PLAIN_TOKENS(
      Kind.LATENCY,
      "untouched",
      "one row of tokens",
      "untouched model, one session: 1 row of 32 tokens"),
  PLAIN_TEXT(
      Kind.LATENCY,
      "untouched",
      "one text",
      "untouched model, one session: 1 text of 32 tokens, tokenised"),
  MERGED_TOKENS(
      Kind.LATENCY,
      "merged",
      "one row of tokens",
      "adapters merged in, one session: 1 row of 32 tokens"),
  MERGED_TEXT(
      Kind.LATENCY,
      "merged",
      "one text",
      "adapters merged in, one session: 1 text of 32 tokens, tokenised"),
  SERVED_TEXT(Kind.LATENCY, "served", "one text", "server over gRPC: 1 client, texts of 32 tokens"),
  PLAIN_8X32(
      Kind.THROUGHPUT,
      "untouched",
      "8 x 32 tokens",
      "untouched model, one session: batches of 8 rows of 32 tokens"),
  MERGED_8X32(
      Kind.THROUGHPUT,
      "merged",
      "8 x 32 tokens",
      "adapters merged in, one session: batches of 8 x 32"),
  SERVED_8X32(
      Kind.THROUGHPUT,
      "served",
      "8 x 32 tokens",
      "server over gRPC: 8 clients, texts of 32 tokens"),
  /** The next batch waits while one is computed: the engine is never idle. */
  QUEUED_8X32(
      Kind.THROUGHPUT,
      "served to twice as many",
      "8 x 32 tokens",
      "server over gRPC: 16 clients, texts of 32 tokens"),
  PLAIN_32X64(
      Kind.THROUGHPUT,
      "untouched",
      "32 x 64 tokens",
      "untouched model, one session: batches of 32 rows of 64 tokens"),
  MERGED_32X64(
      Kind.THROUGHPUT,
      "merged",
      "32 x 64 tokens",
      "adapters merged in, one session: batches of 32 x 64"),
  SERVED_32X64(
      Kind.THROUGHPUT,
      "served",
      "32 x 64 tokens",
      "server over gRPC: 32 clients, texts of 64 tokens"),
  QUEUED_32X64(
      Kind.THROUGHPUT,
      "served to twice as many",
      "32 x 64 tokens",
      "server over gRPC: 64 clients, texts of 64 tokens");

  /** What the figure of a repeat is. */
  public enum Kind {
    /** The median latency of the repeat, in microseconds: less is better. */
    LATENCY,
    /** Rows per second: more is better. */
    THROUGHPUT
  }

  private final Kind kind;
  private final String who;
  private final String load;
  private final String description;

  Series(Kind kind, String who, String load, String description) {
    this.kind = kind;
    this.who = who;
    this.load = load;
    this.description = description;
  }

  public Kind kind() {
    return kind;
  }

  /** Who does the work, in a word. */
  public String who() {
    return who;
  }

  /** What is asked, in a few words. */
  public String load() {
    return load;
  }

  /** For people. */
  public String description() {
    return description;
  }
}
