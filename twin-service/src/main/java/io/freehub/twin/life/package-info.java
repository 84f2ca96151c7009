/** When twins begin and end. */
@NullMarked
package io.freehub.twin.life;

import org.jspecify.annotations.NullMarked;
