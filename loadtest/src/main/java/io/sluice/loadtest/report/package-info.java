/**
 * What a benchmark says: verdicts, tables and charts, written as Markdown, JSON and SVG.
 *
 * <p>Starting points: {@link io.sluice.loadtest.report.BenchReport} is what every benchmark makes,
 * {@link io.sluice.loadtest.report.ReportFolder} writes it. Knows no benchmark.
 */
@NullMarked
package io.sluice.loadtest.report;

import org.jspecify.annotations.NullMarked;
