/** The registry of the hub: its devices, its policies and who is connected. */
@NullMarked
package io.freehub.registry;

import org.jspecify.annotations.NullMarked;
