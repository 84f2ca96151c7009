/** The certificate authorities of devices as the services hold them that check certificates. */
@NullMarked
package io.freehub.service.authority;

import org.jspecify.annotations.NullMarked;
