package io.sluice.trainer.model;

import io.sluice.backbone.Encoding;
import java.util.List;

/**
 * Rows as the backbone reads them.
 *
 * @param encodings tokens of each row
 * @param labels number of each row's label
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
public record EncodedRows(List<Encoding> encodings, int[] labels) {
  public EncodedRows {
    encodings = List.copyOf(encodings);
    if (labels.length != encodings.size()) {
      throw new IllegalArgumentException(
          "labels: " + labels.length + " (expected: " + encodings.size() + ", one a row)");
    }
  }

  public int size() {
    return labels.length;
  }

  /** Tokens of each row. */
  public int[] lengths() {
    return encodings.stream().mapToInt(encoding -> encoding.ids().length).toArray();
  }
}
