package io.sluice.server.activation;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.store.Registered;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory whose files are bundles: {@code NAME.bundle} becomes the active bundle of task {@code
 * NAME}. Looked through once a second, by a thread of its own.
 *
 * <p>A file is read when it has not changed from one look to the next, and a bundle says by its own
 * digest whether it is whole, so none is taken half-written. A file that cannot be used is told in
 * the log, left where it is, and tried again when it changes; where the file, the disk or the
 * server could not be had, also by and by. What was there before the start and is known to the
 * store already is not activated again: somebody may have gone back since.
 */
public final class BundleWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BundleWatch.class);
  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final Duration LAST_LOOK = Duration.ofSeconds(30);
  private static final String ENDING = ".bundle";

  /** Looks between two attempts at a file that cannot be had, at most. */
  private static final int LONGEST_WAIT = 64;

  /** Reasons that may pass though nobody touches the file. */
  private static final Set<ErrorCode> MAY_PASS =
      EnumSet.of(ErrorCode.UNAVAILABLE, ErrorCode.RESOURCE_EXHAUSTED);

  private record Stamp(long sizeBytes, FileTime changed, @Nullable Object file) {
    /** Of what is there and cannot be looked at. */
    static Stamp of(IOException why) {
      return new Stamp(-1, FileTime.fromMillis(0), why.toString());
    }
  }

  /** A wait of so many looks, of which some are left. */
  private record Wait(int looks, int left) {}

  private final Path directory;
  private final TaskActivator activator;
  private final long maxBytes;
  private final ScheduledExecutorService thread;

  // Below confined to the thread.
  private final Map<Path, Stamp> looked = new HashMap<>();
  private final Map<Path, Stamp> settled = new HashMap<>();
  private final Map<Path, Stamp> first = new HashMap<>();
  private final Map<Path, Wait> waits = new HashMap<>();
  private boolean started;
  private boolean unreadable;

  private BundleWatch(Path directory, TaskActivator activator, long maxBytes) {
    this.directory = directory;
    this.activator = activator;
    this.maxBytes = maxBytes;
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            runnable -> {
              Thread watcher = new Thread(runnable, "sluice-watch");
              watcher.setDaemon(true);
              return watcher;
            });
  }

  /**
   * Begins to look.
   *
   * @param maxBytes a larger file is refused unread
   * @throws SluiceException NOT_FOUND when it is no directory
   */
  public static BundleWatch start(Path directory, TaskActivator activator, long maxBytes) {
    requireNonNull(directory, "directory");
    requireNonNull(activator, "activator");
    if (!Files.isDirectory(directory)) {
      throw new SluiceException(
          ErrorCode.NOT_FOUND, "watched bundles: " + directory + " (expected: a directory)");
    }
    BundleWatch watch = new BundleWatch(directory, activator, maxBytes);
    var unused =
        watch.thread.scheduleWithFixedDelay(
            watch::look, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
    return watch;
  }

  /** Must not throw: that would be the last look. */
  private void look() {
    try {
      Map<Path, Stamp> found = found();
      looked.keySet().retainAll(found.keySet());
      settled.keySet().retainAll(found.keySet());
      waits.keySet().retainAll(found.keySet());
      if (!started) {
        first.putAll(found);
        started = true;
      }
      found.forEach(
          (file, stamp) -> {
            boolean still = stamp.equals(looked.put(file, stamp));
            if (still && (!stamp.equals(settled.get(file)) || isOver(file))) {
              settled.put(file, stamp);
              attempt(file, stamp.equals(first.get(file)));
            }
          });
      unreadable = false;
    } catch (IOException | RuntimeException | Error e) {
      if (!unreadable) {
        unreadable = true;
        log.warn("watched bundles: {} cannot be read: {}", directory, e.toString());
      }
    }
  }

  private Map<Path, Stamp> found() throws IOException {
    List<Path> files;
    try (Stream<Path> entries = Files.list(directory)) {
      files = entries.filter(file -> name(file).endsWith(ENDING)).toList();
    }
    Map<Path, Stamp> found = new HashMap<>();
    for (Path file : files) {
      try {
        BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
        if (now.isRegularFile()) {
          found.put(file, new Stamp(now.size(), now.lastModifiedTime(), now.fileKey()));
        }
      } catch (NoSuchFileException e) {
        // Gone since it was listed.
      } catch (IOException e) {
        // One that is out of reach does not keep the others from being served.
        found.put(file, Stamp.of(e));
      }
    }
    return found;
  }

  /** Whether a file that could not be had is to be tried once more. */
  private boolean isOver(Path file) {
    Wait wait = waits.computeIfPresent(file, (same, old) -> new Wait(old.looks, old.left - 1));
    return wait != null && wait.left <= 0;
  }

  private void attempt(Path file, boolean wasThere) {
    try {
      take(file, wasThere);
      waits.remove(file);
    } catch (IOException e) {
      later(file);
      log.warn("watched bundle {}: left as it is: {}", file, e.toString());
    } catch (SluiceException e) {
      if (MAY_PASS.contains(e.code())) {
        later(file);
      } else {
        waits.remove(file);
      }
      log.warn("watched bundle {}: left as it is: {}", file, e.getMessage());
    } catch (RuntimeException | OutOfMemoryError e) {
      waits.remove(file);
      log.error("watched bundle {}: left as it is", file, e);
    }
  }

  private void later(Path file) {
    waits.compute(
        file,
        (same, old) -> {
          int looks = old == null ? 1 : Math.min(LONGEST_WAIT, 2 * old.looks);
          return new Wait(looks, looks);
        });
  }

  private void take(Path file, boolean wasThere) throws IOException {
    String task = name(file).substring(0, name(file).length() - ENDING.length());
    if (Files.size(file) > maxBytes) {
      throw new SluiceException(
          ErrorCode.INVALID_ARGUMENT,
          Files.size(file) + " bytes (expected: at most " + maxBytes + ")");
    }
    Registered registered = activator.register(task, Files.readAllBytes(file), null);
    if (wasThere && !registered.added() && activator.task(task).active() != null) {
      return;
    }
    activator.activate(task, registered.revision().digest(), new ExpectedActive.Anything());
  }

  private static String name(Path file) {
    Path name = file.getFileName();
    return name == null ? "" : name.toString();
  }

  /**
   * Ends the look under way first.
   *
   * @throws IllegalStateException when that does not end, or the thread is interrupted: what it
   *     builds with must not be freed then
   */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(LAST_LOOK.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException(
            "watched bundles: busy (expected: done in " + LAST_LOOK + ")");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("watched bundles: interrupted while closing", e);
    }
  }
}
