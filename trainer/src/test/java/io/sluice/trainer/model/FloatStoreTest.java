package io.sluice.trainer.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FloatStoreTest {
  private static final long CHUNK = 16L << 20;
  private static final long SEED = 5;

  @TempDir private Path folder = Path.of(".");

  @Test
  void room_memoryThenDiskThenNone_keepsWhatWasWritten() throws Exception {
    Random random = new Random(SEED);
    List<float[]> written = new ArrayList<>();
    List<FloatBuffer> rooms = new ArrayList<>();
    try (FloatStore store = new FloatStore(new TrunkLimits(CHUNK, 2 * CHUNK), folder)) {
      while (true) {
        float[] values = new float[500_000 + random.nextInt(500_000)];
        FloatBuffer room = store.room(values.length);
        if (room == null) {
          break;
        }
        for (int i = 0; i < values.length; i++) {
          values[i] = random.nextFloat();
        }
        room.put(0, values);
        written.add(values);
        rooms.add(room);
      }
      assertThat(store.full()).isTrue();
      assertThat(store.memoryBytes()).isEqualTo(CHUNK);
      assertThat(store.diskBytes()).isEqualTo(2 * CHUNK);
      for (int i = 0; i < rooms.size(); i++) {
        float[] found = new float[requireNonNull(written.get(i)).length];
        rooms.get(i).get(0, found);
        assertThat(found).as("seed %d run %d", SEED, i).isEqualTo(written.get(i));
      }
      // The file has no name: a process that dies leaves nothing.
      try (var files = Files.list(folder)) {
        assertThat(files).isEmpty();
      }
    }
  }

  @Test
  void room_runLargerThanAChunk_isOne() {
    try (FloatStore store = new FloatStore(new TrunkLimits(3 * CHUNK, 0), folder)) {
      int floats = (int) (2 * CHUNK / Float.BYTES);
      assertThat(requireNonNull(store.room(floats)).capacity()).isEqualTo(floats);
      assertThat(store.memoryBytes()).isEqualTo(2 * CHUNK);
      assertThat(store.room(floats)).isNull();
    }
  }

  @Test
  void room_folderThatIsNotThere_isRefusedNotFailed() {
    try (FloatStore store = new FloatStore(new TrunkLimits(0, CHUNK), folder.resolve("absent"))) {
      assertThat(store.room(10)).isNull();
      assertThat(store.full()).isTrue();
    }
  }

  @Test
  void close_ofAStoreOnDisk_givesTheSpaceBack() {
    FloatStore store = new FloatStore(new TrunkLimits(0, CHUNK), folder);
    assertThat(store.room(10)).isNotNull();
    store.close();
    assertThat(store.room(10)).isNull();
  }
}
