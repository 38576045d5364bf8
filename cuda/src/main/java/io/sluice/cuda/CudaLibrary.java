package io.sluice.cuda;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The CUDA runtime of this process. */
@SuppressWarnings("restricted") // calls native code: that is what it is for
final class CudaLibrary {
  private static final Pattern MAPPED = Pattern.compile("(/\\S*/libcudart[^/\\s]*\\.so[.0-9]*)$");

  private CudaLibrary() {}

  /**
   * The very library that ONNX Runtime's provider uses, so that streams are of one kind.
   *
   * @throws SluiceException FAILED_PRECONDITION where none is loaded
   */
  static SymbolLookup find() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
        Matcher mapped = MAPPED.matcher(line);
        if (mapped.find()) {
          return SymbolLookup.libraryLookup(Path.of(mapped.group(1)), Arena.global());
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      throw missing(e);
    }
    throw missing(null);
  }

  private static SluiceException missing(@Nullable Exception cause) {
    return new SluiceException(
        ErrorCode.FAILED_PRECONDITION,
        "libcudart: not loaded (expected: by ONNX Runtime's CUDA provider, on Linux)",
        cause);
  }
}
