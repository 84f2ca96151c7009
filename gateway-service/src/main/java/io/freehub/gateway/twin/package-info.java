/** The way of what devices ask about their twins. */
@NullMarked
package io.freehub.gateway.twin;

import org.jspecify.annotations.NullMarked;
