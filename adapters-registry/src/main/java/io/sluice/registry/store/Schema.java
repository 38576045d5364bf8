package io.sluice.registry.store;

import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** The tables of the store's database, and the version that says which they are. Stateless. */
final class Schema {
  /** Kept in SQLite's {@code user_version}; 0 is an empty database. */
  static final int VERSION = 3;

  private static final List<String> TABLES =
      List.of(
          """
          CREATE TABLE task (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            version INTEGER NOT NULL CHECK (version >= 1),
            active TEXT,
            FOREIGN KEY (id, active) REFERENCES revision (task, digest)
              DEFERRABLE INITIALLY DEFERRED
          ) STRICT
          """,
          """
          CREATE TABLE revision (
            task INTEGER NOT NULL REFERENCES task (id),
            number INTEGER NOT NULL CHECK (number >= 1),
            digest TEXT NOT NULL,
            size_bytes INTEGER NOT NULL,
            registered_millis INTEGER NOT NULL,
            retired INTEGER NOT NULL DEFAULT 0 CHECK (retired IN (0, 1)),
            PRIMARY KEY (task, number),
            UNIQUE (task, digest)
          ) STRICT
          """,
          """
          CREATE TABLE activation (
            task INTEGER NOT NULL,
            version INTEGER NOT NULL,
            digest TEXT NOT NULL,
            previous TEXT,
            cause TEXT NOT NULL,
            at_millis INTEGER NOT NULL,
            PRIMARY KEY (task, version),
            FOREIGN KEY (task, digest) REFERENCES revision (task, digest)
          ) STRICT
          """);

  /** What version 2 has beyond version 1: the bundles whose files are to be deleted. */
  private static final List<String> SINCE_2 =
      List.of(
          "CREATE TABLE garbage (digest TEXT PRIMARY KEY) STRICT",
          "CREATE INDEX revision_digest ON revision (digest)");

  /** What version 3 has beyond version 2: which engines have found which bundles true. */
  private static final List<String> SINCE_3 =
      List.of(
          """
          CREATE TABLE proof (
            digest TEXT PRIMARY KEY,
            engine TEXT NOT NULL,
            difference REAL NOT NULL
          ) STRICT
          """);

  private static final List<List<String>> VERSIONS = List.of(TABLES, SINCE_2, SINCE_3);

  private Schema() {}

  /**
   * Creates the tables in an empty database and brings an old one up to date; refuses a database of
   * a version that is not known.
   */
  static void prepare(Connection connection, Path file) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      int found = userVersion(statement);
      if (found >= 0 && found < VERSION) {
        for (List<String> additions : VERSIONS.subList(found, VERSION)) {
          for (String addition : additions) {
            statement.execute(addition);
          }
        }
        statement.execute("PRAGMA user_version = " + VERSION);
        connection.commit();
      } else if (found != VERSION) {
        throw new SluiceException(
            ErrorCode.FAILED_PRECONDITION,
            file
                + ": schema version "
                + found
                + " (expected: "
                + VERSION
                + (found > VERSION ? "; a newer Sluice wrote it)" : ")"));
      }
    }
  }

  private static int userVersion(Statement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery("PRAGMA user_version")) {
      return row.getInt(1);
    }
  }
}
