package io.sluice.registry.cost;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sluice.backbone.Digest;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.Folders;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.bundle.Manifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;

/**
 * What the blocks of a backbone and adapters of each kind and rank take on one machine: medians for
 * one row of several lengths, in microseconds. Immutable; kept as JSON.
 *
 * @param formatVersion {@link #VERSION}
 * @param backbone digest of the backbone, 64 hex digits
 * @param backboneName its name, for people
 * @param hiddenSize its hidden size
 * @param machine what it was measured on
 * @param tokens lengths of the rows, ascending
 * @param blockMicros for each block one figure a length
 * @param callMicros what running anything behind a block takes at least, one figure a length
 * @param adapters what each adapter takes alone, the call included
 */
public record CostTable(
    int formatVersion,
    String backbone,
    String backboneName,
    int hiddenSize,
    Machine machine,
    List<Integer> tokens,
    List<List<Double>> blockMicros,
    List<Double> callMicros,
    List<Adapter> adapters) {
  /** Version of the file. */
  public static final int VERSION = 1;

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  public CostTable {
    if (formatVersion != VERSION) {
      throw new IllegalArgumentException(
          "format_version: " + formatVersion + " (expected: " + VERSION + ")");
    }
    requireNonNull(backbone, "backbone");
    requireNonNull(machine, "machine");
    tokens = List.copyOf(tokens);
    blockMicros = blockMicros.stream().map(List::copyOf).toList();
    callMicros = List.copyOf(callMicros);
    adapters = List.copyOf(adapters);
    if (tokens.isEmpty() || callMicros.size() != tokens.size()) {
      throw new IllegalArgumentException(
          "call_micros: " + callMicros.size() + " figures (expected: " + tokens.size() + ", >= 1)");
    }
    for (Adapter adapter : adapters) {
      if (adapter.micros.size() != tokens.size()) {
        throw new IllegalArgumentException(
            "adapters: " + adapter + " (expected: " + tokens.size() + " figures)");
      }
    }
  }

  /**
   * Where figures were measured.
   *
   * @param cores processors the JVM sees
   * @param threads threads that computed
   */
  public record Machine(
      String os, String architecture, int cores, int threads, String jvm, String onnxRuntime) {}

  /**
   * What an adapter takes.
   *
   * @param kind its kind as manifests name it
   * @param rank its rank, 0 if it has none
   * @param micros one figure a length
   */
  public record Adapter(String kind, int rank, List<Double> micros) {
    public Adapter {
      requireNonNull(kind, "kind");
      micros = List.copyOf(micros);
    }
  }

  /** Whether it was measured on the bundle's backbone and has every kind of its adapters. */
  public boolean knows(Manifest manifest) {
    return backbone.equals(manifest.backbone().hex())
        && manifest.structure().stream()
            .allMatch(entry -> adapters.stream().anyMatch(a -> a.kind.equals(entry.kind())));
  }

  /** What running anything behind a block takes at least, for a row of that length. */
  public double callMicros(int length) {
    return between(tokens, callMicros, length);
  }

  /** What all blocks together take for a row of that length. */
  public double encoderMicros(int length) {
    return blockMicros.stream().mapToDouble(block -> between(tokens, block, length)).sum();
  }

  /**
   * What an adapter takes alone, for a row of that length; between measured ranks and lengths along
   * a line.
   *
   * @throws SluiceException {@code FAILED_PRECONDITION} if that kind was not measured
   */
  public double adapterMicros(String kind, int rank, int length) {
    List<Adapter> measured =
        adapters.stream()
            .filter(adapter -> adapter.kind.equals(kind))
            .sorted(Comparator.comparingInt(Adapter::rank))
            .toList();
    if (measured.isEmpty()) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          "cost table: no " + kind + " (expected: one measured by sluice backbone profile)");
    }
    return between(
        measured.stream().map(Adapter::rank).toList(),
        measured.stream().map(adapter -> between(tokens, adapter.micros, length)).toList(),
        rank);
  }

  /** Along the line through the two measured places nearest to {@code at}; never below 0. */
  private static double between(List<Integer> places, List<Double> values, int at) {
    int above = 0;
    while (above < places.size() - 1 && places.get(above) < at) {
      above++;
    }
    int below = Math.max(0, above - 1);
    above = Math.min(places.size() - 1, below + 1);
    if (above == below) {
      return values.get(below);
    }
    double share =
        (double) (at - places.get(below)) / Math.max(1, places.get(above) - places.get(below));
    return Math.max(0, values.get(below) + share * (values.get(above) - values.get(below)));
  }

  /** Digest of what is in it, so that a run can say which prices it went by. */
  public Digest digest() {
    return Digest.of(json().getBytes(StandardCharsets.UTF_8));
  }

  /** Writes the file, whole or not at all; makes its folder. */
  public void save(Path file) {
    try {
      Path folder = requireNonNull(file.toAbsolutePath().getParent());
      Folders.make(folder);
      Path temporary = Files.createTempFile(folder, "cost-", ".tmp");
      try {
        Files.writeString(temporary, json());
        Files.move(
            temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.UNAVAILABLE, "cost table: " + file + ": not written: " + e.getMessage(), e);
    }
  }

  /**
   * Reads a file.
   *
   * @throws SluiceException {@code NOT_FOUND} if there is none, {@code INVALID_ARGUMENT} if it is
   *     not one
   */
  public static CostTable read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new SluiceException(
          ErrorCode.NOT_FOUND,
          "cost table: " + file + " (expected: a file that sluice backbone profile has written)");
    }
    try {
      return MAPPER.readValue(file.toFile(), CostTable.class);
    } catch (JsonProcessingException e) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          "cost table: " + file + ": " + e.getOriginalMessage() + " (expected: version 1)",
          e);
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.UNAVAILABLE, "cost table: " + file + ": not read: " + e.getMessage(), e);
    }
  }

  private String json() {
    try {
      return MAPPER.writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
