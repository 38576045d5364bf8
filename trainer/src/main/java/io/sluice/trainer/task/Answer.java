package io.sluice.trainer.task;

/**
 * What one example was answered with, as far as confidence goes.
 *
 * @param score probability the model gives its answer, 0..1
 * @param worth what the answer is worth: 1 if right, 0 if wrong, something between for a span
 * @param silence what no answer would have been worth: 1 if there is none to be given, else 0
 */
public record Answer(double score, double worth, double silence) {}
