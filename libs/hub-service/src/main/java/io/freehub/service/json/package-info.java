/** How records inside the hub are written as JSON. */
@NullMarked
package io.freehub.service.json;

import org.jspecify.annotations.NullMarked;
