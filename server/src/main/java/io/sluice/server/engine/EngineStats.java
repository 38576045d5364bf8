package io.sluice.server.engine;

import static java.util.Objects.requireNonNull;

/**
 * What an engine holds at the moment.
 *
 * @param queuedRows rows that wait
 * @param liveTasks tasks that can be asked
 * @param generation of the live tasks; counts up by one with each change
 * @param taskBytes direct memory that the weights of the live tasks take
 * @param structures compiled structures in memory
 * @param structureCompilations structures compiled since the start, those compiled again included
 * @param express what joined sessions have done
 * @param responses what the cache of responses has done
 * @param trunks what the cache of trunk states has done
 */
public record EngineStats(
    long queuedRows,
    long liveTasks,
    long generation,
    long taskBytes,
    long structures,
    long structureCompilations,
    ExpressStats express,
    CacheStats responses,
    CacheStats trunks) {
  public EngineStats {
    requireNonNull(express, "express");
    requireNonNull(responses, "responses");
    requireNonNull(trunks, "trunks");
  }
}
