package io.sluice.loadtest.floor;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** Processor time of this process, all threads together, native ones included. Stateless. */
final class ProcessorTime {
  private ProcessorTime() {}

  /** Nanoseconds since the process began. */
  static long nanos() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }
}
