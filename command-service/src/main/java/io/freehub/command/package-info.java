/** Command-service: what back ends send to devices and modules, and who is connected to receive it. */
@NullMarked
package io.freehub.command;

import org.jspecify.annotations.NullMarked;
