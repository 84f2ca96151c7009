/** Faults that a device asks for, so that clients can be tried against them. */
@NullMarked
package io.freehub.gateway.fault;

import org.jspecify.annotations.NullMarked;
