package io.sluice.cli.client;

/**
 * One way for rows to a server and for their outcomes back. It is told what to do by one thread at
 * a time; its listener hears from any.
 *
 * @param <Q> a row's request
 * @param <R> its reply
 */
interface RowChannel<Q, R> {
  /** Hears what becomes of rows. */
  interface Listener<R> {
    /** A row has come to its end, maybe only for now. */
    void heard(long id, RowOutcome<R> outcome);

    /** No more will be heard. */
    void broken(Throwable failure);

    /** All has been heard, as was asked for. */
    void completed();
  }

  /** Opens it. */
  void start(Listener<R> listener);

  /** Sends a row under a number that no other row has. */
  void send(long id, Q row);

  /** No row will follow. */
  void complete();

  /** Nothing is wanted any more. */
  void cancel();
}
