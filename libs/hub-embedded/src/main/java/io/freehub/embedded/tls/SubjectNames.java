package io.freehub.embedded.tls;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/** Host names and IP addresses that a server certificate stands for; the first is the main one. */
record SubjectNames(List<String> values) {

    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

    /** Subject alternative name types of RFC 5280, as {@link java.security.cert.X509Certificate} gives them. */
    private static final int DNS = GeneralName.dNSName;

    private static final int IP = GeneralName.iPAddress;

    /** The host first, then what every server on one machine is called, then the others; each once. */
    static SubjectNames of(String host, Collection<String> others) {
        var all = new LinkedHashSet<String>();
        all.add(host);
        all.addAll(List.of("localhost", "127.0.0.1"));
        all.addAll(others);
        return new SubjectNames(List.copyOf(all));
    }

    String main() {
        return values.getFirst();
    }

    GeneralNames toExtension() {
        return new GeneralNames(values.stream()
                .map(value -> new GeneralName(isAddress(value) ? IP : DNS, value))
                .toArray(GeneralName[]::new));
    }

    /** Whether a certificate with these alternative names stands for exactly these. */
    boolean matches(Collection<List<?>> alternativeNames) {
        var actual = new ArrayList<String>();
        for (var name : alternativeNames) {
            if (name.get(0) instanceof Integer type && (type == DNS || type == IP)) {
                actual.add(String.valueOf(name.get(1)));
            }
        }
        return actual.equals(values);
    }

    private static boolean isAddress(String value) {
        return IPV4.matcher(value).matches() || value.contains(":");
    }
}
