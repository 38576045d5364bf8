package io.sluice.loadtest.floor;

import io.sluice.loadtest.ActivationOutcome;
import io.sluice.registry.bundle.AdapterBundle;

/** Makes a server answer for a task; {@code AdminCalls::register} is one. */
@FunctionalInterface
public interface TaskRegistrar {
  /** Sends the bundle and activates it. */
  ActivationOutcome register(String task, AdapterBundle bundle);
}
