package io.sluice.backbone.runtime;

import static java.util.Objects.requireNonNull;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How a model is compiled into a session. Immutable.
 *
 * @param level which graph rewrites are made
 * @param memoryPattern whether the memory plan of each input shape is kept; costs memory where
 *     shapes vary a lot
 * @param arena whether memory that runs needed stays the session's, for its next runs; costs memory
 *     where there are many sessions, weights that were packed included
 * @param optimizedModelPath where the rewritten model is written as a file, if anywhere
 * @param configEntries ONNX Runtime's own session entries, e.g. {@code session.disable_prepacking}
 *     = {@code 1}
 * @param device what it computes on; null for the device of the runtime
 * @param profilePath if anywhere, what the file begins with in which each run's operators and their
 *     times are written down; see {@link OnnxSession#endProfile}
 * @param ownThreads threads that share an operator's work in this session only, the calling thread
 *     one of them; 0 for those of the runtime. Its own stay awake between the operators of a run,
 *     those of the runtime do not: waking one takes longer than many an operator
 */
@RecordBuilder
public record SessionSettings(
    Optimization level,
    boolean memoryPattern,
    boolean arena,
    @Nullable Path optimizedModelPath,
    Map<String, String> configEntries,
    @Nullable Device device,
    @Nullable Path profilePath,
    int ownThreads)
    implements SessionSettingsBuilder.With {

  /** ONNX Runtime's levels of graph rewriting, each with those before it. */
  public enum Optimization {
    NONE,
    /** Constant folding and removal of what does nothing: still standard operators. */
    BASIC,
    /** Fused operators of this provider. */
    EXTENDED,
    /** Data layouts of this machine. */
    ALL
  }

  public SessionSettings {
    requireNonNull(level, "level");
    configEntries = Collections.unmodifiableMap(new TreeMap<>(configEntries));
    if (ownThreads < 0) {
      throw new IllegalArgumentException("ownThreads: " + ownThreads + " (expected: >= 0)");
    }
  }

  public SessionSettings(
      Optimization level, boolean memoryPattern, @Nullable Path optimizedModelPath) {
    this(level, memoryPattern, true, optimizedModelPath, Map.of(), null, null, 0);
  }

  /** Fully optimised, with memory patterns. */
  public static SessionSettings defaults() {
    return new SessionSettings(Optimization.ALL, true, null);
  }

  /**
   * Fully optimised, for a session that is one of many and is run on batches of all shapes: nothing
   * is kept from run to run.
   */
  public static SessionSettings oneOfMany() {
    return new SessionSettings(Optimization.ALL, false, false, null, Map.of(), null, null, 0);
  }

  /** The same with one more session entry. */
  public SessionSettings withConfigEntry(String key, String value) {
    Map<String, String> entries = new TreeMap<>(configEntries);
    entries.put(key, value);
    return withConfigEntries(entries);
  }

  /** The same on a device of its own. */
  public SessionSettings on(Device newDevice) {
    return withDevice(requireNonNull(newDevice, "newDevice"));
  }
}
