/** Measures what a hub can take and what it costs each of its processes. */
@NullMarked
package io.freehub.benchmarks;

import org.jspecify.annotations.NullMarked;
