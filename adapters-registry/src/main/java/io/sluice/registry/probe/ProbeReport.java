package io.sluice.registry.probe;

/**
 * What a probe run measured, all as largest absolute difference of a logit.
 *
 * @param error between what the bundle answers here and what it promises
 * @param effect between the answers with and without its adapters
 * @param mixing between the answers to all rows in one batch and to each row alone
 */
public record ProbeReport(double error, double effect, double mixing) {}
