package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.runtime.DirectBuffers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs of floats that are written once and read often: in memory up to a limit, behind that in a
 * memory-mapped file up to another, behind that refused. Confined to one thread.
 *
 * <p>The file has no name any more once it is open, so nothing of it outlives the process, however
 * that ends; {@link #close} gives its space back at once.
 */
final class FloatStore implements AutoCloseable {
  private static final long CHUNK_BYTES = 16L << 20;
  private static final int ZEROS = 1 << 20;

  private final TrunkLimits limits;
  private final Path folder;
  private List<FloatBuffer> chunks = new ArrayList<>();
  private @Nullable FileChannel file;
  private long memoryBytes;
  private long diskBytes;
  private int filled;
  private boolean full;

  /**
   * An empty store.
   *
   * @param folder where the file is made if there is need for one
   */
  FloatStore(TrunkLimits limits, Path folder) {
    this.limits = requireNonNull(limits, "limits");
    this.folder = requireNonNull(folder, "folder");
  }

  /**
   * Room for so many floats, to be written by the caller and read at any time until {@link #close};
   * null if both limits are reached.
   */
  @Nullable FloatBuffer room(int floats) {
    FloatBuffer last = chunks.isEmpty() ? null : chunks.get(chunks.size() - 1);
    if (last == null || last.capacity() - filled < floats) {
      last = full ? null : chunk(Math.max(CHUNK_BYTES, (long) Float.BYTES * floats));
      if (last == null) {
        return null;
      }
      chunks.add(last);
      filled = 0;
    }
    FloatBuffer room = last.slice(filled, floats);
    filled += floats;
    return room;
  }

  /** Whether the last call of {@link #room} was refused: all later ones may be. */
  boolean full() {
    return full;
  }

  long memoryBytes() {
    return memoryBytes;
  }

  long diskBytes() {
    return diskBytes;
  }

  private @Nullable FloatBuffer chunk(long sizeBytes) {
    if (memoryBytes + sizeBytes <= limits.memoryBytes()) {
      memoryBytes += sizeBytes;
      return DirectBuffers.bytes(sizeBytes).asFloatBuffer();
    }
    if (diskBytes + sizeBytes <= limits.diskBytes()) {
      FloatBuffer mapped = mapped(sizeBytes);
      if (mapped != null) {
        diskBytes += sizeBytes;
        return mapped;
      }
    }
    full = true;
    return null;
  }

  /** The next piece of the file; null where the disk has no room for it. */
  private @Nullable FloatBuffer mapped(long sizeBytes) {
    // An interrupt asks for the end of the run, but at the end of the step: files would close now.
    boolean interrupted = Thread.interrupted();
    try {
      FileChannel channel = file;
      if (channel == null) {
        channel = nameless();
        file = channel;
      }
      // Written, not only made longer: a hole that the disk cannot fill kills the process later.
      ByteBuffer zeros = ByteBuffer.allocateDirect(ZEROS);
      for (long done = 0; done < sizeBytes; ) {
        zeros.position(0).limit((int) Math.min(ZEROS, sizeBytes - done));
        done += channel.write(zeros, diskBytes + done);
      }
      return channel
          .map(FileChannel.MapMode.READ_WRITE, diskBytes, sizeBytes)
          .order(ByteOrder.nativeOrder())
          .asFloatBuffer();
    } catch (IOException e) {
      // Nothing is lost but time: what finds no room is computed again.
      return null;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private FileChannel nameless() throws IOException {
    Path path = Files.createTempFile(folder, "sluice-trunk", ".tmp");
    try {
      return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } finally {
      Files.delete(path);
    }
  }

  /** Gives everything back; no room handed out before may be touched any more. */
  @Override
  public void close() {
    chunks = new ArrayList<>();
    full = true;
    FileChannel channel = file;
    file = null;
    if (channel != null && channel.isOpen()) {
      try (channel) {
        channel.truncate(0);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
