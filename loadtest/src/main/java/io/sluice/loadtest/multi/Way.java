package io.sluice.loadtest.multi;

/** How a text is put to tasks. */
public enum Way {
  ONE_TASK("one task, one request"),
  MULTI("all tasks, one request"),
  AT_ONCE("all tasks, a request each, at the same time"),
  IN_SEQUENCE("all tasks, a request each, one after another");

  private final String words;

  Way(String words) {
    this.words = words;
  }

  /** For people. */
  public String words() {
    return words;
  }
}
