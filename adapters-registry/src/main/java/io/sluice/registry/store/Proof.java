package io.sluice.registry.store;

import static java.util.Objects.requireNonNull;

/**
 * That an engine has computed a bundle's probe and found it true.
 *
 * @param engine all that the answer depends on but the bundle: backbone, software, processor
 * @param difference the largest there was
 */
public record Proof(String engine, double difference) {
  public Proof {
    requireNonNull(engine, "engine");
  }
}
