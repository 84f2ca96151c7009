/** Configurations: what is set in all twins that meet a condition. */
@NullMarked
package io.freehub.twin.configuration;

import org.jspecify.annotations.NullMarked;
