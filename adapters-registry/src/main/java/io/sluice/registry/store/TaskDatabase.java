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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;

/**
 * The tables of tasks, revisions and activations, and the list of bundles to delete. What was
 * {@linkplain #commit committed} is on the disk. Not thread-safe: {@link TaskLedger} locks around
 * it.
 */
final class TaskDatabase implements AutoCloseable {
  private final Path file;
  private final Connection connection;
  private final Map<String, PreparedStatement> prepared = new HashMap<>();

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

  /** Puts on the disk what was written since the last commit. */
  void commit() throws SQLException {
    connection.commit();
  }

  /** Undoes what was written since the last commit, and lets go of the file. */
  void abandon() {
    prepared.clear();
    closeQuietly(connection);
  }

  /**
   * The same file opened anew, this one being abandoned; also after an attempt that failed.
   *
   * @throws SluiceException UNAVAILABLE when it cannot be opened now
   */
  TaskDatabase reopen() {
    abandon();
    try {
      return open(file);
    } catch (SluiceException e) {
      throw new SluiceException(ErrorCode.UNAVAILABLE, String.valueOf(e.getMessage()), e);
    }
  }

  /** Begins a part that can be undone by itself. */
  void begin() throws SQLException {
    execute("SAVEPOINT part");
  }

  /** Ends the part begun last, and undoes it unless it shall be kept. */
  void end(boolean keep) throws SQLException {
    if (!keep) {
      execute("ROLLBACK TO part");
    }
    execute("RELEASE part");
  }

  /** All tasks as they stand. */
  List<TaskState> tasks() throws SQLException {
    Map<Long, List<Revision>> revisions = revisions();
    Map<Long, List<Activation>> histories = histories();
    List<TaskState> tasks = new ArrayList<>();
    try (Statement select = connection.createStatement();
        ResultSet rows = select.executeQuery("SELECT * FROM task")) {
      while (rows.next()) {
        long id = rows.getLong("id");
        tasks.add(
            new TaskState(
                rows.getString("name"),
                TaskKind.valueOf(rows.getString("kind")),
                rows.getLong("version"),
                digest(rows, "active"),
                revisions.getOrDefault(id, List.of()),
                histories.getOrDefault(id, List.of())));
      }
    }
    return tasks;
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

  /** Forgets the activations before {@code version}. */
  void deleteActivationsBefore(String task, long version) throws SQLException {
    change(
        "DELETE FROM activation WHERE task = (SELECT id FROM task WHERE name = ?) AND version < ?",
        task,
        version);
  }

  /** Forgets a revision that is not active, with its activations; its bundle becomes garbage. */
  void deleteRevision(String task, Digest digest) throws SQLException {
    change(
        "DELETE FROM activation WHERE task = (SELECT id FROM task WHERE name = ?) AND digest = ?",
        task,
        digest.hex());
    update(
        "DELETE FROM revision WHERE task = (SELECT id FROM task WHERE name = ?) AND digest = ?",
        task,
        digest.hex());
    change("INSERT OR IGNORE INTO garbage (digest) VALUES (?)", digest.hex());
  }

  /** Forgets a task; its bundles become garbage. */
  void deleteTask(String name) throws SQLException {
    String id = "(SELECT id FROM task WHERE name = ?)";
    update("UPDATE task SET active = NULL WHERE name = ?", name);
    change("DELETE FROM activation WHERE task = " + id, name);
    change(
        "INSERT OR IGNORE INTO garbage (digest) SELECT digest FROM revision WHERE task = " + id,
        name);
    change("DELETE FROM revision WHERE task = " + id, name);
    update("DELETE FROM task WHERE name = ?", name);
  }

  /** Bundles whose last revision somewhere was deleted; others may name them still. */
  List<Digest> garbage() throws SQLException {
    List<Digest> garbage = new ArrayList<>();
    try (Statement select = connection.createStatement();
        ResultSet rows = select.executeQuery("SELECT digest FROM garbage")) {
      while (rows.next()) {
        garbage.add(new Digest(rows.getString(1)));
      }
    }
    return garbage;
  }

  /** Notes a proof in the place of an earlier one of the same bundle. */
  void putProof(Digest digest, Proof proof) throws SQLException {
    change(
        "INSERT OR REPLACE INTO proof (digest, engine, difference) VALUES (?, ?, ?)",
        digest.hex(),
        proof.engine(),
        proof.difference());
  }

  /** The bundles an engine has found true, and their differences. */
  Map<Digest, Double> proofs(String engine) throws SQLException {
    Map<Digest, Double> proofs = new HashMap<>();
    try (ResultSet rows =
        prepare("SELECT digest, difference FROM proof WHERE engine = ?", engine).executeQuery()) {
      while (rows.next()) {
        proofs.put(new Digest(rows.getString(1)), rows.getDouble(2));
      }
    }
    return proofs;
  }

  void deleteProof(Digest digest) throws SQLException {
    change("DELETE FROM proof WHERE digest = ?", digest.hex());
  }

  void deleteGarbage(Digest digest) throws SQLException {
    change("DELETE FROM garbage WHERE digest = ?", digest.hex());
  }

  /** Whether any task has the bundle as a revision. */
  boolean isReferenced(Digest digest) throws SQLException {
    try (ResultSet row =
        prepare("SELECT 1 FROM revision WHERE digest = ? LIMIT 1", digest.hex()).executeQuery()) {
      return row.next();
    }
  }

  /** Folds the write-ahead log into the database file and closes it. */
  @Override
  public void close() {
    try (Connection closing = connection) {
      for (PreparedStatement statement : prepared.values()) {
        statement.close();
      }
      closing.setAutoCommit(true);
      try (Statement statement = closing.createStatement()) {
        statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
      }
    } catch (SQLException e) {
      throw new SluiceException(ErrorCode.UNAVAILABLE, file + ": not closed: " + e.getMessage(), e);
    }
  }

  /** What a failure of the database means to the caller. */
  SluiceException failed(SQLException e) {
    return new SluiceException(
        ErrorCode.UNAVAILABLE, file + ": " + e.getMessage() + " (expected: a working disk)", e);
  }

  private Map<Long, List<Revision>> revisions() throws SQLException {
    Map<Long, List<Revision>> revisions = new HashMap<>();
    try (Statement select = connection.createStatement();
        ResultSet rows = select.executeQuery("SELECT * FROM revision ORDER BY task, number")) {
      while (rows.next()) {
        revisions
            .computeIfAbsent(rows.getLong("task"), task -> new ArrayList<>())
            .add(
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

  private Map<Long, List<Activation>> histories() throws SQLException {
    Map<Long, List<Activation>> histories = new HashMap<>();
    try (Statement select = connection.createStatement();
        ResultSet rows = select.executeQuery("SELECT * FROM activation ORDER BY task, version")) {
      while (rows.next()) {
        histories
            .computeIfAbsent(rows.getLong("task"), task -> new ArrayList<>())
            .add(
                new Activation(
                    rows.getLong("version"),
                    new Digest(rows.getString("digest")),
                    digest(rows, "previous"),
                    Activation.Cause.valueOf(rows.getString("cause")),
                    Instant.ofEpochMilli(rows.getLong("at_millis"))));
      }
    }
    return histories;
  }

  private static @Nullable Digest digest(ResultSet row, String column) throws SQLException {
    String hex = row.getString(column);
    return hex == null ? null : new Digest(hex);
  }

  private void update(String sql, Object... values) throws SQLException {
    int rows = change(sql, values);
    if (rows != 1) {
      throw new SQLException(rows + " rows changed (expected: 1) by " + sql);
    }
  }

  private int change(String sql, Object... values) throws SQLException {
    return prepare(sql, values).executeUpdate();
  }

  /** Each statement is compiled once; the results of one are closed before it runs again. */
  private PreparedStatement prepare(String sql, Object... values) throws SQLException {
    PreparedStatement statement = prepared.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      prepared.put(sql, statement);
    }
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
    return statement;
  }

  private void execute(String sql) throws SQLException {
    prepare(sql).execute();
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
}
