package io.sluice.registry.store;

import io.sluice.backbone.Digest;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import io.sluice.registry.bundle.TaskKind;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;

/**
 * The tables of tasks, revisions and activations. A transaction that returned is on the disk; one
 * that threw left no trace. Not thread-safe: {@link BundleStore} locks around it.
 */
final class TaskDatabase implements AutoCloseable {
  private final Path file;
  private final Connection connection;

  private TaskDatabase(Path file, Connection connection) {
    this.file = file;
    this.connection = connection;
  }

  static TaskDatabase open(Path file) {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    config.enforceForeignKeys(true);
    Connection connection = null;
    try {
      connection = config.createConnection("jdbc:sqlite:" + file);
      connection.setAutoCommit(false);
      requireIntact(connection, file);
      Schema.prepare(connection, file);
      connection.commit();
      TaskDatabase database = new TaskDatabase(file, connection);
      connection = null;
      return database;
    } catch (SQLException e) {
      throw new SluiceException(
          ErrorCode.DATA_LOSS,
          file + ": " + e.getMessage() + " (expected: a database of a Sluice store)",
          e);
    } finally {
      closeQuietly(connection);
    }
  }

  /** All or nothing: commits when {@code work} returns, undoes everything when it throws. */
  <T> T transaction(Work<T> work) {
    try {
      T result = work.run();
      connection.commit();
      return result;
    } catch (SQLException e) {
      throw new SluiceException(
          ErrorCode.UNAVAILABLE, file + ": " + e.getMessage() + " (expected: a working disk)", e);
    } finally {
      rollback();
    }
  }

  List<String> names() throws SQLException {
    List<String> names = new ArrayList<>();
    try (PreparedStatement select = prepare("SELECT name FROM task ORDER BY name");
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        names.add(rows.getString("name"));
      }
    }
    return names;
  }

  /** The task of that name as it stands. */
  Optional<TaskState> find(String name) throws SQLException {
    try (PreparedStatement select =
        prepare("SELECT id, kind, version, active FROM task WHERE name = ?", name)) {
      try (ResultSet row = select.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        long id = row.getLong("id");
        return Optional.of(
            new TaskState(
                name,
                TaskKind.valueOf(row.getString("kind")),
                row.getLong("version"),
                digest(row, "active"),
                revisions(id),
                history(id)));
      }
    }
  }

  /** The registered digests with the tasks that have them. */
  SortedMap<Digest, SortedSet<String>> digests() throws SQLException {
    SortedMap<Digest, SortedSet<String>> digests = new TreeMap<>();
    try (PreparedStatement select =
            prepare("SELECT r.digest, t.name FROM revision r JOIN task t ON t.id = r.task");
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        digests
            .computeIfAbsent(new Digest(rows.getString(1)), digest -> new TreeSet<>())
            .add(rows.getString(2));
      }
    }
    return digests;
  }

  void insertTask(String name, TaskKind kind) throws SQLException {
    update("INSERT INTO task (name, kind, version) VALUES (?, ?, 1)", name, kind.name());
  }

  /** Adds one to the task's version. */
  void touch(String name) throws SQLException {
    update("UPDATE task SET version = version + 1 WHERE name = ?", name);
  }

  void insertRevision(String task, Revision revision) throws SQLException {
    update(
        "INSERT INTO revision (task, number, digest, size_bytes, registered_millis, retired)"
            + " SELECT id, ?, ?, ?, ?, ? FROM task WHERE name = ?",
        revision.number(),
        revision.digest().hex(),
        revision.sizeBytes(),
        revision.registered().toEpochMilli(),
        revision.retired() ? 1 : 0,
        task);
  }

  void setRetired(String task, Digest digest, boolean retired) throws SQLException {
    update(
        "UPDATE revision SET retired = ? WHERE digest = ?"
            + " AND task = (SELECT id FROM task WHERE name = ?)",
        retired ? 1 : 0,
        digest.hex(),
        task);
  }

  /** Makes a revision the active one and notes it under the task's version as it now is. */
  void activate(String task, Digest digest, Activation.Cause cause, Instant at)
      throws SQLException {
    update(
        "INSERT INTO activation (task, version, digest, previous, cause, at_millis)"
            + " SELECT id, version, ?, active, ?, ? FROM task WHERE name = ?",
        digest.hex(),
        cause.name(),
        at.toEpochMilli(),
        task);
    update("UPDATE task SET active = ? WHERE name = ?", digest.hex(), task);
  }

  /** Folds the write-ahead log into the database file and closes it. */
  @Override
  public void close() {
    try (Connection closing = connection) {
      closing.setAutoCommit(true);
      try (Statement statement = closing.createStatement()) {
        statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
      }
    } catch (SQLException e) {
      throw new SluiceException(ErrorCode.UNAVAILABLE, file + ": not closed: " + e.getMessage(), e);
    }
  }

  private List<Revision> revisions(long id) throws SQLException {
    List<Revision> revisions = new ArrayList<>();
    try (PreparedStatement select =
            prepare("SELECT * FROM revision WHERE task = ? ORDER BY number", id);
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        revisions.add(
            new Revision(
                rows.getInt("number"),
                new Digest(rows.getString("digest")),
                rows.getLong("size_bytes"),
                Instant.ofEpochMilli(rows.getLong("registered_millis")),
                rows.getInt("retired") == 1));
      }
    }
    return revisions;
  }

  private List<Activation> history(long id) throws SQLException {
    List<Activation> history = new ArrayList<>();
    try (PreparedStatement select =
            prepare("SELECT * FROM activation WHERE task = ? ORDER BY version", id);
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        history.add(
            new Activation(
                rows.getLong("version"),
                new Digest(rows.getString("digest")),
                digest(rows, "previous"),
                Activation.Cause.valueOf(rows.getString("cause")),
                Instant.ofEpochMilli(rows.getLong("at_millis"))));
      }
    }
    return history;
  }

  private static @Nullable Digest digest(ResultSet row, String column) throws SQLException {
    String hex = row.getString(column);
    return hex == null ? null : new Digest(hex);
  }

  private void update(String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = prepare(sql, values)) {
      int rows = statement.executeUpdate();
      if (rows != 1) {
        throw new SQLException(rows + " rows changed (expected: 1) by " + sql);
      }
    }
  }

  private PreparedStatement prepare(String sql, Object... values) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
    return statement;
  }

  /** After a commit there is nothing to undo, and this does nothing. */
  private void rollback() {
    try {
      connection.rollback();
    } catch (SQLException e) {
      throw new SluiceException(ErrorCode.UNAVAILABLE, file + ": not undone: " + e.getMessage(), e);
    }
  }

  private static void requireIntact(Connection connection, Path file) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("PRAGMA quick_check(1)")) {
      String found = row.getString(1);
      if (!found.equals("ok")) {
        throw new SluiceException(
            ErrorCode.DATA_LOSS, file + ": " + found + " (expected: an intact database)");
      }
    }
  }

  private static void closeQuietly(@Nullable Connection connection) {
    if (connection == null) {
      return;
    }
    try {
      connection.close();
    } catch (SQLException e) {
      // The failure that brought us here is the one to report.
    }
  }

  /** What runs in a transaction. */
  interface Work<T> {
    T run() throws SQLException;
  }
}
