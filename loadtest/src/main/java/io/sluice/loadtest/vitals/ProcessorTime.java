package io.sluice.loadtest.vitals;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** Processor time of this process, all threads together, native ones included. Stateless. */
public final class ProcessorTime {
  private ProcessorTime() {}

  /** Nanoseconds since the process began. */
  public static long nanos() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }
}
