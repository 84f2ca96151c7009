package io.freehub.standalone.manage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.freehub.standalone.LauncherException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./hub certificates}: the authorities that devices come from. */
@Command(
        name = "certificates",
        mixinStandardHelpOptions = true,
        description = "Lists and changes the certificate authorities whose devices a running hub knows by X.509.")
public final class CertificatesCommand extends ManagementCommand {

    private static final String CERTIFICATES = "/hub/certificates";
    private static final int MAX_SIZE = 16 * 1024;

    @Override
    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists the certificates.")
    int list() {
        return with(hub -> {
            var certificates = hub.get(CERTIFICATES);
            var rows = new ArrayList<List<String>>();
            certificates.forEach(certificate -> rows.add(List.of(
                    certificate.path("name").asText(),
                    verified(certificate),
                    certificate.path("expiry").asText(),
                    certificate.path("subject").asText())));
            return print(certificates, table(List.of("NAME", "VERIFIED", "EXPIRY", "SUBJECT"), rows));
        });
    }

    @Command(name = "show", mixinStandardHelpOptions = true, description = "Shows a certificate.")
    int show(@Parameters(paramLabel = "NAME") String name) {
        return with(hub -> show(hub.get(path(name))));
    }

    @Command(name = "add", mixinStandardHelpOptions = true, description = "Adds the certificate of an authority.")
    int add(
            @Parameters(paramLabel = "NAME") String name,
            @Parameters(paramLabel = "FILE", description = "The certificate, PEM or DER.") Path file,
            @Option(names = "--verified", description = "Vouches that the authority is yours; no code need be signed.")
                    boolean verified,
            @Option(names = "--replace", description = "Puts it in the place of the one of this name.")
                    boolean replace) {
        var body = body(file);
        if (verified) {
            body.put("isVerified", true);
        }
        return with(
                hub -> show(hub.put(path(name), body, replace ? Optional.of(ManagementClient.ANY) : Optional.empty())));
    }

    @Command(
            name = "code",
            mixinStandardHelpOptions = true,
            description = "Makes a verification code: to be the common name of a certificate that the authority signs.")
    int code(@Parameters(paramLabel = "NAME") String name) {
        return with(hub -> {
            var certificate = hub.post(path(name) + "/generateVerificationCode");
            return print(
                    certificate, List.of(certificate.path("verificationCode").asText()));
        });
    }

    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description = "Proves by a certificate for the code that the authority is yours.")
    int verify(
            @Parameters(paramLabel = "NAME") String name,
            @Parameters(paramLabel = "FILE", description = "The certificate for the code, PEM or DER.") Path file) {
        var body = body(file);
        return with(hub -> show(hub.post(path(name) + "/verify", body)));
    }

    @Command(
            name = "delete",
            mixinStandardHelpOptions = true,
            description = "Deletes a certificate; its devices are not let in any more.")
    int delete(@Parameters(paramLabel = "NAME") String name) {
        return with(hub -> {
            hub.delete(path(name));
            return print(JsonNodeFactory.instance.objectNode(), List.of("deleted " + name));
        });
    }

    private int show(JsonNode certificate) {
        return print(
                certificate,
                List.of(
                        "name        " + certificate.path("name").asText(),
                        "subject     " + certificate.path("subject").asText(),
                        "verified    " + verified(certificate),
                        "expiry      " + certificate.path("expiry").asText(),
                        "created     " + certificate.path("created").asText(),
                        "updated     " + certificate.path("updated").asText(),
                        "thumbprint  " + certificate.path("thumbprint").asText()));
    }

    private static String verified(JsonNode certificate) {
        return certificate.path("isVerified").asBoolean() ? "yes" : "no";
    }

    private static ObjectNode body(Path file) {
        try {
            if (Files.size(file) > MAX_SIZE) {
                throw new LauncherException(file + " is larger than " + MAX_SIZE + " bytes: no certificate");
            }
            var bytes = Files.readAllBytes(file);
            var text = new String(bytes, StandardCharsets.ISO_8859_1);
            return JsonNodeFactory.instance
                    .objectNode()
                    .put(
                            "certificate",
                            text.contains("-----BEGIN ")
                                    ? text
                                    : Base64.getEncoder().encodeToString(bytes));
        } catch (NoSuchFileException missing) {
            throw new LauncherException("there is no file " + file);
        } catch (IOException failed) {
            throw new LauncherException("cannot read " + file + ": " + failed, failed);
        }
    }

    private static String path(String name) {
        return CERTIFICATES + "/" + segment(name);
    }
}
