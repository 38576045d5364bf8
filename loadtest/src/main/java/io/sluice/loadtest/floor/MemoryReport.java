package io.sluice.loadtest.floor;

import java.util.List;

/**
 * What tasks cost in memory.
 *
 * @param steps by ascending number of tasks, the first with none but those that were there
 * @param mergedSessionBytes what one more session of the model with a task's adapters merged in
 *     adds, which is what a task costs without a shared backbone; 0 when it was not measured
 */
public record MemoryReport(List<Step> steps, long mergedSessionBytes) {
  public MemoryReport {
    steps = List.copyOf(steps);
  }

  /**
   * The server's process at one number of tasks, garbage collected where it is ours.
   *
   * @param tasks tasks registered by the check
   * @param residentBytes physical memory of the process
   * @param reportedBytes what the server says those tasks' weights take, in sum
   * @param compiledStructures structures that it had to compile for them, in sum
   */
  public record Step(int tasks, long residentBytes, long reportedBytes, int compiledStructures) {}

  /** Growth of the process per task between two steps, in bytes. */
  public static double perTask(Step from, Step to) {
    return (double) (to.residentBytes() - from.residentBytes()) / (to.tasks() - from.tasks());
  }
}
