/** What back ends send to devices, and what devices say to it, whatever they speak. */
@NullMarked
package io.freehub.gateway.command;

import org.jspecify.annotations.NullMarked;
