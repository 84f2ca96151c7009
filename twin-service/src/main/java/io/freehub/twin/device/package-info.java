/** What devices and modules ask about their own twins. */
@NullMarked
package io.freehub.twin.device;

import org.jspecify.annotations.NullMarked;
