package io.sluice.backbone.runtime;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a session computes on. */
public sealed interface Device {
  /** The processor of this machine. */
  Device CPU = new Cpu();

  /**
   * Reads {@code cpu}, {@code cuda} or {@code cuda:1}.
   *
   * @throws SluiceException INVALID_ARGUMENT for any other word
   */
  static Device parse(String word) {
    if (word.equals("cpu")) {
      return CPU;
    }
    Matcher cuda = Cuda.WORD.matcher(word);
    if (!cuda.matches()) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "device: " + word + " (expected: cpu, cuda or cuda:N)");
    }
    String ordinal = cuda.group(1);
    return cuda(ordinal == null ? 0 : Integer.parseInt(ordinal));
  }

  /** An NVIDIA GPU by its number, TF32 allowed. */
  static Device cuda(int ordinal) {
    return new Cuda(ordinal, true);
  }

  /** The word that {@link #parse} reads. */
  String word();

  /** Whether it is a GPU: each operator is a launch, few large ones are better than many small. */
  boolean isCuda();

  /** The same, its matrix products in full float32 precision. */
  Device fullPrecision();

  /** The processor. */
  record Cpu() implements Device {
    @Override
    public String word() {
      return "cpu";
    }

    @Override
    public boolean isCuda() {
      return false;
    }

    @Override
    public Device fullPrecision() {
      return this;
    }

    @Override
    public String toString() {
      return word();
    }
  }

  /**
   * An NVIDIA GPU.
   *
   * @param ordinal its number among those that CUDA shows to the process
   * @param tf32 whether matrix products may round their factors to 10 bits of mantissa
   */
  record Cuda(int ordinal, boolean tf32) implements Device {
    private static final Pattern WORD = Pattern.compile("cuda(?::(\\d{1,3}))?");

    public Cuda {
      if (ordinal < 0) {
        throw new IllegalArgumentException("ordinal: " + ordinal + " (expected: >= 0)");
      }
    }

    @Override
    public String word() {
      return ordinal == 0 ? "cuda" : "cuda:" + ordinal;
    }

    @Override
    public boolean isCuda() {
      return true;
    }

    @Override
    public Device fullPrecision() {
      return new Cuda(ordinal, false);
    }

    @Override
    public String toString() {
      return word() + (tf32 ? " (TF32)" : " (float32)");
    }
  }
}
