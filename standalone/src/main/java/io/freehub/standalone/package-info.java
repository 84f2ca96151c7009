/** A whole hub on one machine, each part a process of its own, watched by one launcher. */
@NullMarked
package io.freehub.standalone;

import org.jspecify.annotations.NullMarked;
