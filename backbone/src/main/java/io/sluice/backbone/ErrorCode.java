package io.sluice.backbone;

/**
 * The closed set of reasons for which something a user asked for can fail; mapped to gRPC and HTTP
 * once, in the server.
 */
public enum ErrorCode {
  /** What was handed in (a file, a row, a setting) is wrong whatever the state of the system. */
  INVALID_ARGUMENT,
  /** What was named does not exist. */
  NOT_FOUND,
  /** What should be created exists already and is different. */
  ALREADY_EXISTS,
  /** The request is sound, but the state of the system does not allow it. */
  FAILED_PRECONDITION,
  /** Nobody knows who is asking. */
  UNAUTHENTICATED,
  /** Who is asking may not do this. */
  PERMISSION_DENIED,
  /** Another writer was faster; read again and retry. */
  ABORTED,
  /** A limit (memory, queue, size) is reached. */
  RESOURCE_EXHAUSTED,
  /** The time that was given is over. */
  DEADLINE_EXCEEDED,
  /** The caller does not want the answer any more. */
  CANCELLED,
  /** Not now: starting, draining or stopped. */
  UNAVAILABLE,
  /** Stored bytes are not what was once written. */
  DATA_LOSS,
  /** A defect of this software or of a native library under it. */
  INTERNAL
}
