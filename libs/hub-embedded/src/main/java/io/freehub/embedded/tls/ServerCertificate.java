package io.freehub.embedded.tls;

import java.nio.file.Path;

/**
 * What a TLS server needs.
 *
 * @param certificate PEM file of the leaf alone: its issuer is the root, which clients have
 * @param key PEM file of the private key, PKCS#8, readable by its owner only
 */
public record ServerCertificate(Path certificate, Path key) {}
