/** Finds twins by what is in them and by what is known of their devices and modules. */
@NullMarked
package io.freehub.twin.search;

import org.jspecify.annotations.NullMarked;
