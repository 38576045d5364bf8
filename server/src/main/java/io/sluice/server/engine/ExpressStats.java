package io.sluice.server.engine;

/**
 * What joined sessions have done since the start.
 *
 * @param runs runs of a joined session
 * @param sessions joined sessions there are now
 * @param sizeBytes native memory they are taken to hold now
 * @param compiled joined sessions ever made, those made again included
 * @param failed attempts to make or run one that failed
 */
public record ExpressStats(long runs, long sessions, long sizeBytes, long compiled, long failed) {}
