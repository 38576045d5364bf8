/**
 * A training run as a page and a picture for people: one HTML file and one SVG file that need
 * nothing else.
 *
 * <p>Starting points: {@link io.sluice.trainer.report.RunReport} (records in, text out), {@link
 * io.sluice.trainer.report.ReportData} (all it is made from), {@link
 * io.sluice.trainer.report.StructureDrawing} (the map of gates through time). Both files go into
 * the bundle and with it into its digest: nothing in them depends on the clock, the host or the
 * time it took. It knows no file and no session; everything is immutable or confined to one call.
 */
@NullMarked
package io.sluice.trainer.report;

import org.jspecify.annotations.NullMarked;
