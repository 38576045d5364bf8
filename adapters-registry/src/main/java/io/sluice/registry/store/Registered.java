package io.sluice.registry.store;

/**
 * The outcome of a registration.
 *
 * @param task the task afterwards
 * @param revision the bundle's revision
 * @param added whether it is new; {@code false} when the same bundle was registered before
 */
public record Registered(TaskState task, Revision revision, boolean added) {}
