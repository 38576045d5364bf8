package io.sluice.trainer.model;

import io.sluice.backbone.Encoding;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Rows as the backbone reads them.
 *
 * @param encodings tokens of each row
 * @param targets what each should be answered with
 */
public record EncodedRows(List<Encoding> encodings, Targets targets) {
  public EncodedRows {
    encodings = List.copyOf(encodings);
    if (targets.size() != encodings.size()) {
      throw new IllegalArgumentException(
          "targets: " + targets.size() + " (expected: " + encodings.size() + ", one a row)");
    }
  }

  /** Rows with a label each. */
  public EncodedRows(List<Encoding> encodings, int[] labels) {
    this(encodings, new ClassTargets(labels));
  }

  /** Some of the rows, in that order. */
  public EncodedRows of(int... rows) {
    return new EncodedRows(IntStream.of(rows).mapToObj(encodings::get).toList(), targets.of(rows));
  }

  public int size() {
    return encodings.size();
  }

  /** Tokens of each row. */
  public int[] lengths() {
    return encodings.stream().mapToInt(encoding -> encoding.ids().length).toArray();
  }
}
