/** Unmodified clients against a whole hub. */
@NullMarked
package io.freehub.acceptance;

import org.jspecify.annotations.NullMarked;
