package io.freehub.registry.certificate;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.regex.Pattern;

/** Reads the certificate that a client sends: PEM, or base64 of DER or of PEM, as tools for Azure send it. */
final class CertificateText {

    /** Longest text, in characters. */
    static final int MAX_LENGTH = 16 * 1024;

    private static final String BEGIN = "-----BEGIN ";
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\\s]+)-----END CERTIFICATE-----");

    private CertificateText() {}

    /** @throws HubException {@link HubError#ARGUMENT_INVALID} saying what the text is instead of one certificate */
    static X509Certificate parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw invalid("certificate is longer than " + MAX_LENGTH + " characters");
        }
        if (text.contains(BEGIN)) {
            return parsePem(text);
        }
        var bytes = base64(text);
        var inside = new String(bytes, StandardCharsets.ISO_8859_1);
        return inside.stripLeading().startsWith(BEGIN) ? parsePem(inside) : parseDer(bytes);
    }

    private static X509Certificate parsePem(String pem) {
        if (pem.contains("PRIVATE KEY-----")) {
            throw invalid(
                    "certificate holds a private key, which is nobody's business but yours: send the certificate alone");
        }
        var matcher = PEM.matcher(pem);
        if (!matcher.find()) {
            throw invalid("certificate has no PEM block of type CERTIFICATE");
        }
        var certificate = parseDer(base64(matcher.group(1)));
        if (matcher.find()) {
            throw invalid("certificate holds several certificates: send the one of the authority alone");
        }
        return certificate;
    }

    private static X509Certificate parseDer(byte[] der) {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException e) {
            throw invalid("certificate is no X.509 certificate");
        }
    }

    private static byte[] base64(String text) {
        try {
            return Base64.getDecoder().decode(text.replaceAll("\\s", ""));
        } catch (IllegalArgumentException e) {
            throw invalid("certificate is neither PEM nor base64");
        }
    }

    private static HubException invalid(String detail) {
        return new HubException(HubError.ARGUMENT_INVALID, detail);
    }
}
