/** Commands that manage a running hub over its REST API. */
@NullMarked
package io.freehub.standalone.manage;

import org.jspecify.annotations.NullMarked;
