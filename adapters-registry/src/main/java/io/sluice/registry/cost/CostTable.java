package io.sluice.registry.cost;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sluice.backbone.Backbone;
import io.sluice.backbone.Digest;
import io.sluice.backbone.DurableFiles;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.Folders;
import io.sluice.backbone.SluiceException;
import io.sluice.backbone.precision.Precision;
import io.sluice.backbone.runtime.Device;
import io.sluice.registry.bundle.Manifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the blocks of a backbone in one precision and adapters of each kind and rank take on one
 * device of one machine: medians for one row of several lengths, in microseconds. Immutable; kept
 * as JSON.
 *
 * @param formatVersion {@link #VERSION}
 * @param backbone digest of the backbone, 64 hex digits
 * @param backboneName its name, for people
 * @param hiddenSize its hidden size
 * @param precision the format of its blocks' weights; adapters are in 32 bits whatever it is
 * @param device the word of what it was measured on, as {@code cpu} or {@code cuda:0}
 * @param machine the machine it was measured on
 * @param tokens lengths of the rows, ascending
 * @param blockMicros for each block one figure a length
 * @param firstTokenPoint the block from which on a task that reads the first token needs no other
 * @param endMicros what that block and those behind it take for such a task, one figure a length
 * @param callMicros what running anything behind a block takes at least, one figure a length
 * @param adapters what each adapter takes alone, the call included
 */
public record CostTable(
    int formatVersion,
    String backbone,
    String backboneName,
    int hiddenSize,
    Precision precision,
    String device,
    Machine machine,
    List<Integer> tokens,
    List<List<Double>> blockMicros,
    int firstTokenPoint,
    List<Double> endMicros,
    List<Double> callMicros,
    List<Adapter> adapters) {
  /** Version of the file. */
  public static final int VERSION = 4;

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
    requireNonNull(precision, "precision");
    requireNonNull(device, "device");
    requireNonNull(machine, "machine");
    tokens = List.copyOf(tokens);
    blockMicros = blockMicros.stream().map(List::copyOf).toList();
    endMicros = List.copyOf(endMicros);
    callMicros = List.copyOf(callMicros);
    adapters = List.copyOf(adapters);
    if (tokens.isEmpty() || callMicros.size() != tokens.size()) {
      throw new IllegalArgumentException(
          "call_micros: " + callMicros.size() + " figures (expected: " + tokens.size() + ", >= 1)");
    }
    if (endMicros.size() != tokens.size()) {
      throw new IllegalArgumentException(
          "end_micros: " + endMicros.size() + " figures (expected: " + tokens.size() + ")");
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

  /**
   * What all blocks together take for a row of that length.
   *
   * @param firstToken for a task that reads the first token only
   */
  public double encoderMicros(int length, boolean firstToken) {
    int last = firstToken ? Math.min(firstTokenPoint - 1, blockMicros.size()) : blockMicros.size();
    double whole =
        blockMicros.stream().limit(last).mapToDouble(b -> between(tokens, b, length)).sum();
    return firstToken ? whole + between(tokens, endMicros, length) : whole;
  }

  /** The tokens that something behind block {@code point} computes of a row of that length. */
  public int tokensAt(int point, int length, boolean firstToken) {
    return firstToken && point >= firstTokenPoint ? 1 : length;
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

  /**
   * Refuses any figures but those of this backbone, computed so and there.
   *
   * @param source where the table is from, for the message
   * @throws SluiceException {@code FAILED_PRECONDITION}
   */
  public void require(String source, Backbone measured, Precision format, Device where) {
    if (!backbone.equals(measured.digest().hex())) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          "cost table: "
              + source
              + " of "
              + backboneName
              + " "
              + backbone
              + " (expected: of "
              + measured.digest()
              + ")");
    }
    if (precision != format || !device.equals(where.word())) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION,
          "cost table: "
              + source
              + " of a backbone in "
              + precision
              + " on "
              + device
              + " (expected: in "
              + format
              + " on "
              + where.word()
              + ", as sluice backbone profile --backbone-precision "
              + format
              + " measures)");
    }
  }

  /** Digest of what is in it, so that a run can say which prices it went by. */
  public Digest digest() {
    return Digest.of(json().getBytes(StandardCharsets.UTF_8));
  }

  /** Writes the file, whole or not at all; makes its folder. */
  public void save(Path file) {
    try {
      Folders.make(requireNonNull(file.toAbsolutePath().getParent()));
      DurableFiles.replace(file, json().getBytes(StandardCharsets.UTF_8));
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
      JsonNode tree = MAPPER.readTree(file.toFile());
      JsonNode version = tree.path("format_version");
      if (version.isInt() && version.intValue() != VERSION) {
        throw notATable(file, "format_version: " + version, null);
      }
      if (!tree.isObject()) {
        throw notATable(file, "no object", null);
      }
      return MAPPER.treeToValue(tree, CostTable.class);
    } catch (JsonProcessingException e) {
      throw notATable(file, e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.UNAVAILABLE, "cost table: " + file + ": not read: " + e.getMessage(), e);
    }
  }

  private static SluiceException notATable(Path file, String found, @Nullable Exception cause) {
    return new SluiceException(
        ErrorCode.INVALID_ARGUMENT,
        "cost table: "
            + file
            + ": "
            + found
            + " (expected: version "
            + VERSION
            + ", as sluice backbone profile writes)",
        cause);
  }

  private String json() {
    try {
      return MAPPER.writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
