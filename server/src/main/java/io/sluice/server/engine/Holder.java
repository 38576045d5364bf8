package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

/**
 * Who has a share of the engine while others wait: a task, or one of the tenants who ask it.
 *
 * @param task its name
 * @param tenant empty where requests name none
 */
record Holder(String task, String tenant) {
  Holder {
    requireNonNull(task, "task");
    requireNonNull(tenant, "tenant");
  }

  @Override
  public String toString() {
    return "task \"" + task + "\"" + (tenant.isEmpty() ? "" : " of tenant \"" + tenant + "\"");
  }
}
