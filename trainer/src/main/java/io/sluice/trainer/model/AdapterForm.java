package io.sluice.trainer.model;

import static java.util.stream.Collectors.joining;

import java.util.Arrays;
import java.util.Locale;

/** The forms of adapter there are: kinds without their rank. */
public enum AdapterForm {
  /** A bottleneck after the block. */
  BOTTLENECK_SEQUENTIAL,
  /** A bottleneck around the block. */
  BOTTLENECK_PARALLEL,
  /** A linear map of low rank after the block. */
  LOW_RANK,
  /** A factor and an offset for each hidden number after the block. */
  SCALE_SHIFT;

  /** Whether it comes in ranks. */
  public boolean ranked() {
    return this != SCALE_SHIFT;
  }

  /** The kind of that form and rank; the rank says nothing where there is none. */
  public AdapterKind ofRank(int rank) {
    return switch (this) {
      case BOTTLENECK_SEQUENTIAL -> new BottleneckSequential(rank);
      case BOTTLENECK_PARALLEL -> new BottleneckParallel(rank);
      case LOW_RANK -> new LowRank(rank);
      case SCALE_SHIFT -> new ScaleShift();
    };
  }

  /** Its name in manifests, {@code low_rank}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Its name on the command line, {@code low-rank}. */
  public String word() {
    return code().replace('_', '-');
  }

  /**
   * The form of that name, in either spelling.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static AdapterForm parse(String text) {
    String wanted = text.strip().toLowerCase(Locale.ROOT).replace('-', '_');
    return Arrays.stream(values())
        .filter(form -> form.code().equals(wanted))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "kinds: "
                        + text
                        + " (expected: all, or some of "
                        + Arrays.stream(values()).map(AdapterForm::word).collect(joining(", "))
                        + ")"));
  }
}
