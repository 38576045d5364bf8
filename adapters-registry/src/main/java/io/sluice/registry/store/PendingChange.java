package io.sluice.registry.store;

import static java.util.Objects.requireNonNull;

import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** A change on its way to the disk. Guarded by the lock of {@link TaskLedger}. */
final class PendingChange<T> {
  private final TaskLedger.Change<T> change;
  private @Nullable T result;
  private @Nullable Throwable failure;
  private boolean settled;

  PendingChange(TaskLedger.Change<T> change) {
    this.change = change;
  }

  /**
   * Makes the change, not yet on the disk.
   *
   * @return false when it has failed and is undone
   * @throws SQLException when the database can neither keep nor undo it
   */
  boolean run(TaskChange tasks, TaskDatabase database) throws SQLException {
    database.begin();
    try {
      result = change.make(tasks);
    } catch (SQLException e) {
      failure = database.failed(e);
    } catch (IOException | RuntimeException | Error e) {
      failure = e;
    }
    database.end(failure == null);
    return failure == null;
  }

  /** Settles it as failed; what has failed before keeps its own reason. */
  void fail(SluiceException because) {
    if (failure == null) {
      failure = because;
    }
    settled = true;
  }

  void settle() {
    settled = true;
  }

  boolean isSettled() {
    return settled;
  }

  /** What came of it; to be asked once it is settled. */
  T result() throws IOException {
    if (failure instanceof IOException io) {
      throw io;
    }
    if (failure instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (failure instanceof Error error) {
      throw error;
    }
    return requireNonNull(result, "result");
  }
}
