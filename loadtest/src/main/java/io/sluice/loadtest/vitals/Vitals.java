package io.sluice.loadtest.vitals;

/**
 * What a JVM uses at one moment.
 *
 * @param atNanos by {@link System#nanoTime()} of the observer
 * @param residentBytes physical memory of the process
 * @param heapBytes live objects and garbage not collected yet
 * @param heapCommittedBytes memory the heap has of the system
 * @param directBytes direct buffers: weights and activations of a server
 * @param openFiles files and sockets
 * @param threads live ones
 * @param processorNanos used since the process began
 */
public record Vitals(
    long atNanos,
    long residentBytes,
    long heapBytes,
    long heapCommittedBytes,
    long directBytes,
    long openFiles,
    long threads,
    long processorNanos) {

  /** Physical memory outside the heap, if every page of the heap has been touched. */
  public long nativeBytes() {
    return residentBytes - heapCommittedBytes;
  }

  /** Memory in use: that outside the heap, and what lives in it. */
  public long usedBytes() {
    return nativeBytes() + heapBytes;
  }
}
