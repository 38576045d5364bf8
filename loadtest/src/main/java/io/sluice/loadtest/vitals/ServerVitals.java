package io.sluice.loadtest.vitals;

import com.sun.management.UnixOperatingSystemMXBean;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.PlatformManagedObject;
import java.lang.management.ThreadMXBean;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * Watches another JVM of the same user through its management interface, and its memory as Linux
 * tells it. Needs a JDK, as the attach mechanism is no part of a JRE. Confined to one thread.
 */
public final class ServerVitals implements AutoCloseable {
  private final long pid;
  private final JMXConnector connector;
  private final MBeanServerConnection beans;
  private final MemoryMXBean memory;
  private final UnixOperatingSystemMXBean system;
  private final ThreadMXBean threads;
  private final BufferPoolMXBean direct;

  private ServerVitals(long pid, JMXConnector connector) throws IOException {
    this.pid = pid;
    this.connector = connector;
    beans = connector.getMBeanServerConnection();
    memory = bean(beans, MemoryMXBean.class);
    system = bean(beans, UnixOperatingSystemMXBean.class);
    threads = bean(beans, ThreadMXBean.class);
    direct =
        ManagementFactory.getPlatformMXBeans(beans, BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct"))
            .findFirst()
            .orElseThrow();
  }

  /** Begins to watch the JVM of that process. */
  @SuppressWarnings("BanJNDI") // The address comes from the JVM itself, a process of this user.
  public static ServerVitals attach(long pid) {
    try {
      VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
      try {
        JMXServiceURL url = new JMXServiceURL(machine.startLocalManagementAgent());
        return new ServerVitals(pid, JMXConnectorFactory.connect(url));
      } finally {
        machine.detach();
      }
    } catch (IOException | AttachNotSupportedException e) {
      throw new SluiceException(
          ErrorCode.UNAVAILABLE,
          "process " + pid + ": cannot be watched: " + e + " (expected: a JVM of this user)",
          e);
    }
  }

  /** What it uses now. */
  public Vitals read() {
    return new Vitals(
        System.nanoTime(),
        ResidentMemory.bytes(pid),
        memory.getHeapMemoryUsage().getUsed(),
        memory.getHeapMemoryUsage().getCommitted(),
        direct.getMemoryUsed(),
        system.getOpenFileDescriptorCount(),
        threads.getThreadCount(),
        system.getProcessCpuTime());
  }

  /**
   * What it uses without its garbage, that of the C library as well; stops it for as long as a
   * collection takes.
   */
  public Vitals readCollected() {
    memory.gc();
    trim();
    return read();
  }

  /** Has the C library give back what was freed, as {@code jcmd PID System.trim_native_heap}. */
  private void trim() {
    try {
      ObjectName commands = new ObjectName("com.sun.management:type=DiagnosticCommand");
      beans.invoke(commands, "systemTrimNativeHeap", new Object[0], new String[0]);
    } catch (JMException | IOException e) {
      // Not on this system, or not in that JVM; then what was freed counts.
    }
  }

  @Override
  public void close() {
    try {
      connector.close();
    } catch (IOException e) {
      // The other process has gone; there is nothing left to close.
    }
  }

  private static <B extends PlatformManagedObject> B bean(
      MBeanServerConnection beans, Class<B> kind) throws IOException {
    return ManagementFactory.getPlatformMXBean(beans, kind);
  }
}
