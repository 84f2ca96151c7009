/** Direct methods: calls that wait for their devices, and the answers. */
@NullMarked
package io.freehub.command.method;

import org.jspecify.annotations.NullMarked;
