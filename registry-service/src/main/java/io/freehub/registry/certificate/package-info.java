/** Certificates of the authorities that devices come from: uploaded, verified, told to the gateways. */
@NullMarked
package io.freehub.registry.certificate;

import org.jspecify.annotations.NullMarked;
