/**
 * Many rows asked of a server: lines of JSON in, lines of JSON out, in the same order.
 *
 * <p>Starting points: {@link io.sluice.cli.rows.RowInput} and {@link io.sluice.cli.rows.RowOutput};
 * {@link io.sluice.cli.rows.ReplyJson} is the form of a line. Only as many rows are in memory as
 * are under way.
 */
@NullMarked
package io.sluice.cli.rows;

import org.jspecify.annotations.NullMarked;
