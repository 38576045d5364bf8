package io.sluice.trainer.experiment;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sluice.backbone.DurableFiles;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.Folders;
import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder of an experiment: {@code suites/NAME.json}, and for each cell {@code
 * cells/TASK/VARIANT/seed-N/} with {@code result.json}, or {@code error.txt} if it failed. Files
 * are written all or nothing. Thread-safe; several processes may work in one folder.
 */
public final class ExperimentFolder {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();
  private static final String RESULT = "result.json";
  private static final String ERROR = "error.txt";
  private static final String LOCK = "lock";

  private final Path root;

  private ExperimentFolder(Path root) {
    this.root = requireNonNull(root, "root");
  }

  /**
   * A folder to work in, made if it is not there.
   *
   * @throws SluiceException {@code INVALID_ARGUMENT} if it cannot be
   */
  public static ExperimentFolder create(Path root) {
    try {
      Folders.make(root.resolve("suites"));
      Folders.make(root.resolve("cells"));
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT, "out: " + root + ": " + e + " (expected: a folder)", e);
    }
    return new ExperimentFolder(root);
  }

  /**
   * A folder that has been worked in.
   *
   * @throws SluiceException {@code NOT_FOUND} if it has not
   */
  public static ExperimentFolder open(Path root) {
    if (!Files.isDirectory(root.resolve("suites"))) {
      throw new SluiceException(
          ErrorCode.NOT_FOUND, root + " (expected: an experiment's folder, with suites in it)");
    }
    return new ExperimentFolder(root);
  }

  public Path path() {
    return root;
  }

  /** Where a cell's files are. */
  public Path folder(Cell cell) {
    return root.resolve("cells")
        .resolve(cell.task())
        .resolve(cell.variant())
        .resolve("seed-" + cell.seed());
  }

  /** Keeps what a suite consists of, with the tasks, variants and seeds that it had before. */
  public void save(Suite suite) {
    exclusively(
        () -> {
          Path file = root.resolve("suites").resolve(suite.name() + ".json");
          Suite saved = Files.exists(file) ? joined(read(file, Suite.class), suite) : suite;
          write(file, saved);
        });
  }

  /** Does something while no other thread or process does so in this folder. */
  public void exclusively(Runnable action) {
    Path file = root.resolve(LOCK);
    synchronized (ExperimentFolder.class) { // Locks of files hold between processes only.
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        channel.lock();
        action.run();
      } catch (IOException e) {
        throw unreadable(file, e);
      }
    }
  }

  private static Suite joined(Suite before, Suite now) {
    return new Suite(
        now.name(),
        now.title(),
        joined(before.tasks(), now.tasks()),
        joined(before.variants(), now.variants()),
        joined(before.seeds(), now.seeds()),
        now.claims(),
        now.chart());
  }

  private static <T> List<T> joined(List<T> before, List<T> now) {
    return Stream.concat(before.stream(), now.stream()).distinct().toList();
  }

  /** All suites, by name. */
  public List<Suite> suites() {
    try (Stream<Path> files = Files.list(root.resolve("suites"))) {
      return files
          .filter(file -> file.toString().endsWith(".json"))
          .sorted()
          .map(file -> read(file, Suite.class))
          .toList();
    } catch (IOException e) {
      throw unreadable(root, e);
    }
  }

  /** What came of a cell; {@code null} if nothing has yet. */
  public @Nullable CellResult result(Cell cell) {
    Path file = folder(cell).resolve(RESULT);
    return Files.exists(file) ? read(file, CellResult.class) : null;
  }

  /** What came of those cells that are done, in their order. */
  public List<CellResult> results(List<Cell> cells) {
    List<CellResult> results = new ArrayList<>();
    for (Cell cell : cells) {
      CellResult result = result(cell);
      if (result != null) {
        results.add(result);
      }
    }
    return results;
  }

  /** Why a cell failed, if it did and has not been done since; {@code null} otherwise. */
  public @Nullable String failure(Cell cell) {
    Path file = folder(cell).resolve(ERROR);
    try {
      return Files.exists(file) && !Files.exists(folder(cell).resolve(RESULT))
          ? Files.readString(file)
          : null;
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** Whether a cell has failed since then. */
  boolean failedSince(Cell cell, Instant time) {
    Path file = folder(cell).resolve(ERROR);
    try {
      return Files.exists(file) && Files.getLastModifiedTime(file).toInstant().isAfter(time);
    } catch (IOException e) {
      return false; // Taken away just now, by one who tries again.
    }
  }

  /** Takes a cell for this thread; {@code null} if another, here or in another process, has it. */
  @Nullable Claimed claim(Cell cell) {
    Path file = folder(cell).resolve(LOCK);
    FileChannel channel = null;
    try {
      Folders.make(folder(cell));
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return new Claimed(channel);
      }
      channel.close();
      return null;
    } catch (OverlappingFileLockException e) {
      close(channel);
      return null;
    } catch (IOException e) {
      close(channel);
      throw unreadable(file, e);
    }
  }

  /** A cell that nobody else runs until this is closed. */
  final class Claimed implements AutoCloseable {
    private final FileChannel channel;

    private Claimed(FileChannel channel) {
      this.channel = channel;
    }

    /** Keeps what came of it. */
    void finish(CellResult result) {
      Path folder = folder(result.cell());
      write(folder.resolve(RESULT), result);
      try {
        Files.deleteIfExists(folder.resolve(ERROR));
      } catch (IOException e) {
        throw unreadable(folder, e);
      }
    }

    /** Keeps why nothing came of it. */
    void fail(Cell cell, String reason) {
      write(folder(cell).resolve(ERROR), reason.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
      ExperimentFolder.close(channel);
    }
  }

  private static void close(@Nullable FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // It was only opened for its lock, which is gone in any case.
    }
  }

  private static void write(Path file, Object value) {
    try {
      write(file, JSON.writeValueAsBytes(value));
    } catch (JsonProcessingException e) {
      throw new SluiceException(ErrorCode.INTERNAL, file + ": " + e, e);
    }
  }

  private static void write(Path file, byte[] content) {
    try {
      DurableFiles.replace(file, content);
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.UNAVAILABLE, file + ": " + e + " (expected: a folder to write to)", e);
    }
  }

  private static <T> T read(Path file, Class<T> type) {
    try {
      return JSON.readValue(Files.readAllBytes(file), type);
    } catch (JsonProcessingException e) {
      throw new SluiceException(
          ErrorCode.DATA_LOSS,
          file + ": " + e.getOriginalMessage() + " (expected: JSON of ours)",
          e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static SluiceException unreadable(Path file, IOException e) {
    return new SluiceException(ErrorCode.UNAVAILABLE, file + ": " + e, e);
  }
}
