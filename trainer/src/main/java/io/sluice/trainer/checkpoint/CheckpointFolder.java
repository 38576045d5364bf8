package io.sluice.trainer.checkpoint;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.DurableFiles;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.Folders;
import io.sluice.backbone.SluiceException;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checkpoints as numbered files of one folder, the newest two of which are kept: a file that a
 * crash or the disk has spoilt leaves the one before it. Confined to the training thread.
 */
public final class CheckpointFolder implements Checkpoints {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointFolder.class);
  private static final String SUFFIX = ".checkpoint";
  private static final int KEPT = 2;

  private final Path folder;
  private final long everyNanos;
  private final LongSupplier nanoTime;
  private long savedNanos;
  private int number;

  /**
   * A folder, made if it is not there; what an interrupted write has left in it is swept away.
   *
   * @param every time between two checkpoints
   * @param nanoTime what tells the time, as {@link System#nanoTime}
   */
  public CheckpointFolder(Path folder, Duration every, LongSupplier nanoTime) {
    this.folder = requireNonNull(folder, "folder");
    this.everyNanos = every.toNanos();
    this.nanoTime = requireNonNull(nanoTime, "nanoTime");
    this.savedNanos = nanoTime.getAsLong();
    try {
      Folders.make(folder);
      for (Path left : files(DurableFiles.TEMPORARY)) {
        Files.delete(left);
      }
      List<Path> files = files(SUFFIX);
      number = files.isEmpty() ? 0 : number(files.get(files.size() - 1));
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public Optional<SavedState> newest() {
    try {
      List<Path> files = files(SUFFIX);
      for (int i = files.size() - 1; i >= 0; i--) {
        try {
          return Optional.of(SavedStateFormat.read(content(files.get(i)), files.get(i).toString()));
        } catch (SluiceException e) {
          if (e.code() != ErrorCode.DATA_LOSS) {
            throw e;
          }
          LOG.warn("{}; going back to the checkpoint before it", e.getMessage());
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public boolean due() {
    return nanoTime.getAsLong() - savedNanos >= everyNanos;
  }

  @Override
  public void save(SavedState state) {
    try {
      number++;
      DurableFiles.replace(
          folder.resolve(String.format(Locale.ROOT, "%08d%s", number, SUFFIX)),
          SavedStateFormat.write(state));
      List<Path> files = files(SUFFIX);
      for (Path old : files.subList(0, Math.max(0, files.size() - KEPT))) {
        Files.delete(old);
      }
    } catch (IOException e) {
      throw failed(e);
    }
    savedNanos = nanoTime.getAsLong();
  }

  /** Files with that ending, in order of their numbers. */
  private List<Path> files(String ending) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return new ArrayList<>(
          all.filter(file -> file.getFileName().toString().endsWith(ending)).sorted().toList());
    }
  }

  private static int number(Path file) {
    String name = file.getFileName().toString();
    try {
      return Integer.parseInt(name.substring(0, name.length() - SUFFIX.length()));
    } catch (NumberFormatException e) {
      throw new SluiceException(
          ErrorCode.FAILED_PRECONDITION, file + ": no checkpoint's name (expected: a number)", e);
    }
  }

  private static byte[] content(Path file) throws IOException {
    // Not a channel, which an interrupt would close.
    try (FileInputStream in = new FileInputStream(file.toFile())) {
      return in.readAllBytes();
    }
  }

  private SluiceException failed(IOException e) {
    return new SluiceException(
        ErrorCode.INTERNAL, folder + ": " + e + " (expected: a folder to write in)", e);
  }
}
